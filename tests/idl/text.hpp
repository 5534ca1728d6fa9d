// Interfaces given as text, and what is said of them.
#pragma once

#include <map>
#include <string>
#include <tryst/idl/compile.hpp>

namespace tryst::idl {

/// One run over files that stand in memory; the first is main.x.
class run_over {
public:
  explicit run_over(std::string text, std::map<std::string, std::string> others = {},
                    preprocess_options options = {})
      : files_{std::move(others)} {
    files_["main.x"] = std::move(text);
    options.load = [this](const std::string& path) -> std::optional<std::string> {
      const auto found = files_.find(path);
      if (found == files_.end()) return std::nullopt;
      return found->second;
    };
    made_ = compile("main.x", options, texts_, report_);
  }

  bool ok() const { return made_.has_value(); }
  const model& interface() const { return made_->interface; }
  const diagnostics& report() const { return report_; }
  std::string said() const {
    std::string text;
    for (const auto& next : report_.all()) text += render(next, texts_);
    return text;
  }
  /// The definition of this name; there must be one.
  const definition& operator[](std::string_view name) const {
    for (const auto& next : interface().definitions) {
      if (next.name == name) return next;
    }
    throw std::out_of_range{std::string{name}};
  }
  template <class Kind>
  const Kind& get(std::string_view name) const {
    return std::get<Kind>((*this)[name].what);
  }
  std::int64_t constant_value(std::string_view name) const {
    return get<constant>(name).value.value.as_int64();
  }

private:
  std::map<std::string, std::string> files_;
  sources texts_;
  diagnostics report_;
  std::optional<compiled> made_;
};

}  // namespace tryst::idl
