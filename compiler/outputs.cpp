#include "outputs.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <tryst/idl/compile.hpp>

#include "header.hpp"
#include "json.hpp"
#include "samples.hpp"

namespace tryst::compiler {
namespace {

namespace fs = std::filesystem;

bool is_wanted(const request& wanted, std::string_view what) {
  return std::ranges::find(wanted.emit, what) != wanted.emit.end();
}

/// A path as make and ninja read it.
std::string escaped(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c == ' ' || c == '#') out += '\\';
    if (c == '$') out += '$';
    out += c;
  }
  return out;
}

class writer {
public:
  writer(const request& wanted, std::ostream& out, std::ostream& err)
      : wanted_{wanted}, out_{out}, err_{err} {}

  /// All or nothing: a reader never finds half a file.
  bool write(const std::string& name, const std::string& text) {
    if (wanted_.folder == "-") {
      out_ << text;
      return true;
    }
    const fs::path path = fs::path{wanted_.folder} / name;
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (!replace(path, text)) return false;
    written_.push_back(path.string());
    return true;
  }

  bool write_dependencies(const std::vector<std::string>& files) {
    if (wanted_.dependencies.empty()) return true;
    std::string text;
    for (const auto& path : written_) text.append(escaped(path)).append(" ");
    text += ':';
    for (const auto& path : files) text.append(" \\\n  ").append(escaped(path));
    return replace(wanted_.dependencies, text + "\n");
  }

private:
  bool replace(const fs::path& path, const std::string& text) {
    const fs::path fresh = path.string() + ".new";
    {
      std::ofstream file{fresh, std::ios::binary};
      file << text;
      file.close();
      if (!file) {
        err_ << "tryst-gen: cannot write " << fresh.string() << '\n';
        return false;
      }
    }
    std::error_code error;
    fs::rename(fresh, path, error);
    if (error)
      err_ << "tryst-gen: cannot write " << path.string() << ": " << error.message() << '\n';
    return !error;
  }

  const request& wanted_;
  std::ostream& out_;
  std::ostream& err_;
  std::vector<std::string> written_;
};

/// Writes all that is asked for of one interface.
bool emit(const request& wanted, const std::string& path, const cpp_types& types, writer& to) {
  const fs::path file{path};
  const std::string stem = file.stem().string();
  const header_options options{file.filename().string(), stem + ".hpp", is_wanted(wanted, "cpp"),
                               wanted.pass_through};
  header_writer writer{types, options};
  bool done = true;
  if (is_wanted(wanted, "header")) done = to.write(stem + ".hpp", writer.header());
  if (is_wanted(wanted, "cpp")) done = to.write(stem + ".cpp", writer.source()) && done;
  if (is_wanted(wanted, "json")) {
    done = to.write(stem + ".json", interface_json(types.interface(), options.source_name)) && done;
  }
  if (is_wanted(wanted, "server")) {
    done = to.write(stem + "_server.cpp",
                    sample_server(types, options.header_name, wanted.transports)) &&
           done;
  }
  if (is_wanted(wanted, "client")) {
    done = to.write(stem + "_client.cpp",
                    sample_client(types, options.header_name, wanted.transports)) &&
           done;
  }
  return done;
}

bool is_namespace(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find("::");
    const auto part = text.substr(0, end);
    if (part.empty() || !idl::is_identifier_start(part[0]) || cannot_stand(part) ||
        !std::ranges::all_of(part, idl::is_identifier_part)) {
      return false;
    }
    if (end == text.npos) return true;
    text.remove_prefix(end + 2);
  }
  return false;
}

}  // namespace

int run(const request& wanted, std::ostream& out, std::ostream& err) {
  if (!wanted.name_space.empty() && !is_namespace(wanted.name_space)) {
    err << "tryst-gen: '" << wanted.name_space << "' is no namespace of C++\n";
    return 2;
  }
  writer to{wanted, out, err};
  std::vector<std::string> files;
  bool right = true;
  bool written = true;
  for (const auto& path : wanted.files) {
    idl::sources texts;
    idl::diagnostics report;
    const auto made = idl::compile(path, wanted.preprocess, texts, report);
    if (made) {
      files.insert(files.end(), made->files.begin(), made->files.end());
      if (!made->interface.pass_through.empty() && !wanted.pass_through) {
        report.note(made->interface.pass_through_at, 1,
                    "lines that begin with % are left out; --pass-through copies them");
      }
      const auto space = wanted.name_space.empty() ? namespace_of_file(path) : wanted.name_space;
      const cpp_names names{made->interface, space, report};
      const cpp_types types{names};
      if (!wanted.check) written = emit(wanted, path, types, to) && written;
    }
    for (const auto& said : report.all()) {
      if (wanted.quiet && said.level != idl::severity::error) continue;
      err << render(said, texts, wanted.colour);
    }
    if (report.full()) err << path << ": more than 50 errors, the rest is not shown\n";
    right = right && made.has_value();
  }
  if (right && !wanted.check) written = to.write_dependencies(files) && written;
  return !right ? 1 : written ? 0 : 2;
}

}  // namespace tryst::compiler
