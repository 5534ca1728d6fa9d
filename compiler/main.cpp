// tryst-gen: reads interfaces in the .x language and writes C++.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "outputs.hpp"

namespace {

constexpr const char* examples = R"(Examples:
  tryst-gen calc.x                        calc.hpp here
  tryst-gen -o build/gen -I idl nfs.x     build/gen/nfs.hpp; #include looks in idl, too
  tryst-gen --emit=header,cpp nfs4.x      the codecs are compiled once, in nfs4.cpp
  tryst-gen --emit=server,client --transport=tcp calc.x
                                          programs to begin with
  tryst-gen --emit=json -o - calc.x       the interface as data, on standard output
  tryst-gen --check *.x                   only say what is wrong
  tryst-gen -DMAXNAME=64 old.x            a constant that a header of C would give

For those who know rpcgen: tryst-gen needs no cpp; `%` lines are left out unless --pass-through;
RPC_HDR is defined, and -D and -U say otherwise. docs/idl.md lists the dialects that are read.

Exit status: 0 done, 1 something is wrong with an interface, 2 with the command or the files.)";

/// -DNAME or -DNAME=VALUE.
std::pair<std::string, std::string> split_define(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == text.npos) return {text, "1"};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Writes C++ from interfaces in the .x language (RFC 4506, RFC 5531)."};
  app.footer(examples);
  app.set_version_flag("--version", "tryst-gen " TRYST_VERSION);

  tryst::compiler::request wanted;
  std::vector<std::string> defines;
  app.add_option("files", wanted.files, "The interfaces")->required();
  app.add_option("-o,--out-dir", wanted.folder,
                 "The folder for what is written, made if need be; - is standard output")
      ->capture_default_str();
  app.add_option("--namespace", wanted.name_space,
                 "The C++ namespace (a::b); without it, it is the name of the file");
  app.add_option("--emit", wanted.emit, "What to write: header, cpp, json, server, client")
      ->delimiter(',')
      ->check(CLI::IsMember({"header", "cpp", "json", "server", "client"}))
      ->capture_default_str();
  app.add_option("--transport", wanted.transports, "Of server and client: tcp, udp, unix")
      ->delimiter(',')
      ->check(CLI::IsMember({"tcp", "udp", "unix"}))
      ->capture_default_str();
  app.add_flag("--check", wanted.check, "Write nothing, only say what is wrong");
  app.add_option("--dep-file", wanted.dependencies,
                 "Write what was read, as make and ninja want it");
  app.add_option("-D", defines, "Define a macro: NAME or NAME=VALUE")->allow_extra_args(false);
  app.add_option("-U", wanted.preprocess.undefine, "Leave RPC_HDR, or a -D, undefined")
      ->allow_extra_args(false);
  app.add_option("-I", wanted.preprocess.folders, "Another folder for #include")
      ->allow_extra_args(false);
  app.add_option("--include", wanted.preprocess.before, "Read this file before the interface")
      ->allow_extra_args(false);
  app.add_flag("--pass-through", wanted.pass_through,
               "Copy the % lines into the header; they are C++ of whoever wrote the .x");
  app.add_flag("-q,--quiet", wanted.quiet, "Say nothing of notes and warnings");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  for (const auto& text : defines) wanted.preprocess.define.push_back(split_define(text));
  const char* no_colour = std::getenv("NO_COLOR");
  wanted.colour = isatty(STDERR_FILENO) == 1 && (no_colour == nullptr || *no_colour == '\0');
  return tryst::compiler::run(wanted, std::cout, std::cerr);
}
