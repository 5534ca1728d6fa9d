#include <tryst/idl/compile.hpp>

#include <algorithm>
#include <filesystem>
#include <set>
#include <tryst/idl/parser.hpp>

namespace tryst::idl {
namespace {

constexpr std::size_t most_imports = 256;

/// What stands between the quotes or brackets of `#include "name.h"`, without the suffix.
std::string included_name(std::string_view line) {
  const auto begin = line.find_first_of("\"<");
  if (line.find("#") == line.npos || line.find("include") == line.npos || begin == line.npos)
    return {};
  const auto end = line.find_first_of("\">", begin + 1);
  if (end == line.npos) return {};
  const auto name = line.substr(begin + 1, end - begin - 1);
  if (!name.ends_with(".h") && !name.ends_with(".hpp") && !name.ends_with(".hh")) return {};
  return std::string{name.substr(0, name.rfind('.'))};
}

class loader {
public:
  loader(const preprocess_options& options, sources& texts) : options_{options}, texts_{texts} {}

  /// The interface at `path`, with all that it imports in front.
  model load(const std::string& path, diagnostics& report, std::vector<std::string>& files) {
    seen_.insert(path);
    const auto input = preprocess(path, options_, texts_, report);
    files.insert(files.end(), input.files.begin(), input.files.end());
    auto parsed = parse(input, report);
    add_well_known(input, parsed, report);
    for (const auto& line : input.pass_through) import_from(path, line, files);
    return check(parsed, input.pass_through, earlier_, report);
  }

private:
  /// netbuf is a struct of libtirpc's headers (RFC 5665 has no word for it) that its own .x uses.
  void add_well_known(const preprocessed& input, syntax::file& parsed, diagnostics& report) {
    const auto names_it = [](const auto& what) {
      return (what.text == "netbuf") && what.kind == token_kind::identifier;
    };
    const auto defines_it = [](const syntax::definition& what) {
      return std::visit([](const auto& made) { return made.name.text == "netbuf"; }, what.what);
    };
    if (std::ranges::none_of(input.tokens, names_it) ||
        std::ranges::any_of(parsed.definitions, defines_it)) {
      return;
    }
    preprocess_options options;
    options.load = [](const std::string&) -> std::optional<std::string> {
      return "struct netbuf { unsigned int maxlen; opaque buf<>; };";
    };
    auto more = parse(preprocess("<rpc/types.h>", options, texts_, report), report);
    for (auto& next : more.definitions) parsed.definitions.push_back(std::move(next));
  }

  void import_from(const std::string& path, const pass_through_line& line,
                   std::vector<std::string>& files) {
    const auto name = included_name(line.text);
    if (name.empty()) return;
    const std::filesystem::path wanted{name + ".x"};
    std::vector<std::filesystem::path> folders{std::filesystem::path{path}.parent_path()};
    for (const auto& folder : options_.folders) folders.emplace_back(folder);
    for (const auto& folder : folders) {
      for (const auto& tail : {wanted, wanted.filename()}) {
        const auto found = (folder / tail).lexically_normal().string();
        if (seen_.contains(found)) return;
        if (seen_.size() < most_imports && options_.load(found)) return adopt(name, found, files);
      }
    }
  }

  void adopt(const std::string& name, const std::string& path, std::vector<std::string>& files) {
    diagnostics inner;
    auto made = load(path, inner, files);
    // One with errors is left out: its names are missed only where they are used.
    if (!inner.ok()) return;
    const auto index = static_cast<std::uint32_t>(made.imports.size());
    made.imports.push_back({name, path});
    for (auto& next : made.definitions) {
      if (!next.import) next.import = index;
    }
    made.about.clear();
    made.pass_through.clear();
    earlier_ = std::move(made);
  }

  const preprocess_options& options_;
  sources& texts_;
  std::set<std::string> seen_;
  model earlier_;
};

}  // namespace

std::optional<compiled> compile(const std::string& path, const preprocess_options& options,
                                sources& texts, diagnostics& report) {
  compiled made;
  made.interface = loader{options, texts}.load(path, report, made.files);
  if (!report.ok()) return std::nullopt;
  return made;
}

}  // namespace tryst::idl
