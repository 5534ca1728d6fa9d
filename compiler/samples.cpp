#include "samples.hpp"

#include <algorithm>

#include "cpp_text.hpp"

namespace tryst::compiler {
namespace {

const local_names nothing;
const cpp_place outside{"", &nothing, false};

struct version_place {
  idl::definition_index program;
  std::size_t number;
  const idl::version* what;
};

std::vector<version_place> versions_of(const idl::model& interface) {
  std::vector<version_place> found;
  for (idl::definition_index i = 0; i < interface.definitions.size(); ++i) {
    const auto& next = interface.definitions[i];
    const auto* made = std::get_if<idl::program>(&next.what);
    if (made == nullptr || next.import) continue;
    for (std::size_t n = 0; n < made->versions.size(); ++n) {
      found.push_back({i, n, &made->versions[n]});
    }
  }
  return found;
}

std::string full_version(const cpp_names& names, const version_place& at) {
  return names.name_space(at.program) + "::" + names.version(at.program, at.number);
}

std::string address_for(const std::string& transport, const std::string& header) {
  if (transport == "unix") return "unix:@" + header.substr(0, header.rfind('.'));
  return transport + "://127.0.0.1:0";
}

void heading(cpp_text& out, const std::string& what, const std::string& header) {
  out.line("// " + what + " for " + header +
           ", made by tryst-gen to begin with. It is yours: edit it.");
}

}  // namespace

std::string sample_server(const cpp_types& types, const std::string& header,
                          const std::vector<std::string>& transports) {
  const auto& names = types.names();
  const auto found = versions_of(types.interface());
  cpp_text out;
  heading(out, "A server", header);
  out.line("#include <iostream>");
  out.line("#include <string>");
  out.line("#include <tryst/epoll_loop.hpp>");
  out.line("#include <tryst/rpc/server.hpp>");
  out.line("#include <vector>");
  out.blank();
  out.line("#include \"" + header + "\"");
  out.blank();
  out.line("namespace {");
  for (const auto& at : found) {
    out.blank();
    out.line("// " + types.interface().definitions[at.program].name + ", " + at.what->name);
    out.line("struct " + names.version(at.program, at.number) + "_service {");
    out.in();
    for (std::size_t n = 0; n < at.what->procedures.size(); ++n) {
      const auto& next = at.what->procedures[n];
      std::vector<std::string> arguments;
      for (std::size_t i = 0; i < next.arguments.size(); ++i) {
        const auto& given = next.arguments[i].name;
        arguments.push_back(types.spell(next.arguments[i].type, outside) + " /*" +
                            (given.empty() ? "arg" + std::to_string(i + 1) : given) + "*/");
      }
      const auto result = types.spell(next.result, outside);
      const auto& name = names.procedure(at.program, at.number, n);
      std::size_t width = result.size() + name.size() + (arguments.empty() ? 18 : 16);
      for (const auto& one : arguments) width += one.size() + 2;
      if (result == "void") {
        out.list(result + " " + name + "(", arguments, ") {}");
      } else if (width + out.indent() <= line_width) {
        out.list(result + " " + name + "(", arguments, ") { return {}; }");
      } else {
        out.list(result + " " + name + "(", arguments, ") {");
        out.in();
        out.line("return {};");
        out.out();
        out.line("}");
      }
    }
    out.out();
    out.line("};");
  }
  out.blank();
  out.line("}  // namespace");
  out.blank();
  out.line("int main(int argc, char** argv) {");
  out.in();
  out.line("tryst::epoll_loop loop;");
  out.line("tryst::rpc::server server{loop};");
  for (const auto& at : found) {
    out.line("server.serve<" + full_version(names, at) + ">(" +
             names.version(at.program, at.number) + "_service{});");
  }
  out.line("// Where to serve: what the arguments say, or, if there are none, this.");
  out.line("std::vector<std::string> where(argv + 1, argv + argc);");
  std::vector<std::string> addresses;
  for (const auto& transport : transports) {
    addresses.push_back('"' + address_for(transport, header) + '"');
  }
  out.list("if (where.empty()) where = {", addresses, "};");
  out.line("for (const std::string& at : where) {");
  out.in();
  out.line("std::cout << \"serving at \" << server.listen(at).text() << std::endl;");
  out.out();
  out.line("}");
  out.line("loop.run();");
  out.out();
  out.line("}");
  return out.str();
}

std::string sample_client(const cpp_types& types, const std::string& header,
                          const std::vector<std::string>& transports) {
  const auto& names = types.names();
  cpp_text out;
  heading(out, "A client", header);
  out.line("#include <iostream>");
  out.line("#include <thread>");
  out.line("#include <tryst/epoll_loop.hpp>");
  out.line("#include <tryst/rpc/client.hpp>");
  out.blank();
  out.line("#include \"" + header + "\"");
  out.blank();
  const auto has_port = std::ranges::find_if(transports, [](const auto& t) { return t != "unix"; });
  out.line("int main(int argc, char** argv) {");
  out.in();
  out.line("if (argc != 2) {");
  out.in();
  out.line("std::cerr << \"usage: \" << argv[0] << \" " +
           (has_port != transports.end() ? *has_port + "://127.0.0.1:PORT"
                                         : address_for("unix", header)) +
           "\\n\";");
  out.line("return 2;");
  out.out();
  out.line("}");
  out.line("tryst::epoll_loop loop;");
  out.line("tryst::rpc::client client{loop, argv[1]};");
  out.line("std::jthread running{[&] { loop.run(); }};");
  out.line("int status = 0;");
  out.line("try {");
  out.in();
  bool first = true;
  for (const auto& at : versions_of(types.interface())) {
    if (!first) out.blank();
    first = false;
    const auto stub = names.version(at.program, at.number) + "_stub";
    out.line(full_version(names, at) + "::stub " + stub + "{client};");
    for (std::size_t n = 0; n < at.what->procedures.size(); ++n) {
      const auto& next = at.what->procedures[n];
      const auto& name = names.procedure(at.program, at.number, n);
      std::vector<std::string> arguments;
      for (const auto& argument : next.arguments) {
        arguments.push_back(types.spell(argument.type, outside) + "{}");
      }
      out.list(stub + "." + name + "(", arguments, ").get();");
      out.line("std::cout << \"" + next.name + ": done\\n\";");
    }
  }
  out.out();
  out.line("} catch (const std::exception& error) {");
  out.in();
  out.line("std::cerr << error.what() << '\\n';");
  out.line("status = 1;");
  out.out();
  out.line("}");
  out.line("loop.stop();");
  out.line("return status;");
  out.out();
  out.line("}");
  return out.str();
}

}  // namespace tryst::compiler
