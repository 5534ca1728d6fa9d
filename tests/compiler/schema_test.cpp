// What --emit=json writes is what docs/interface.schema.json publishes.
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "compiler/command.hpp"

namespace tryst::compiler {
namespace {

using nlohmann::json;

/// The part of JSON Schema that our schema uses.
class schema {
public:
  // In parentheses: braces would make an array of it.
  explicit schema(json text) : text_(std::move(text)) {}

  /// Why `value` is not what the schema asks for; empty when it is.
  std::string refuse(const json& value) const { return refuse(value, text_, "$"); }

private:
  std::string refuse(const json& value, const json& rule, const std::string& at) const {
    if (rule.contains("$ref")) {
      const auto name = rule["$ref"].get<std::string>().substr(1);
      return refuse(value, text_[json::json_pointer{name}], at);
    }
    if (rule.contains("const") && value != rule["const"]) return at + " is not the constant";
    if (rule.contains("enum")) {
      for (const auto& one : rule["enum"]) {
        if (one == value) return {};
      }
      return at + " is " + value.dump();
    }
    const auto type = rule.value("type", "any");
    if (type == "integer" && !value.is_number_integer()) return at + " is no integer";
    if (type == "string" && !value.is_string()) return at + " is no string";
    if (type == "boolean" && !value.is_boolean()) return at + " is no boolean";
    if (type == "array") {
      if (!value.is_array()) return at + " is no array";
      for (const auto& one : value) {
        if (const auto why = refuse(one, rule["items"], at + "[]"); !why.empty()) return why;
      }
    }
    return type == "object" ? refuse_object(value, rule, at) : "";
  }

  std::string refuse_object(const json& value, const json& rule, const std::string& at) const {
    if (!value.is_object()) return at + " is no object";
    for (const auto& name : rule.value("required", json::array())) {
      if (!value.contains(name)) return at + " has no " + name.dump();
    }
    for (const auto& [name, member] : value.items()) {
      if (!rule["properties"].contains(name)) return at + " has " + name;
      const auto why = refuse(member, rule["properties"][name], at + "." + name);
      if (!why.empty()) return why;
    }
    return {};
  }

  json text_;
};

TEST(Schema, DescribesWhatIsWritten) {
  const schema published{json::parse(file_text("docs/interface.schema.json"))};
  for (const auto* folder : {"tests/compiler/golden", "protocols"}) {
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
      if (entry.path().extension() != ".x") continue;
      const auto made = tryst_gen({"-q", "--emit=json", "-o", "-", entry.path().string()});
      ASSERT_EQ(made.status, 0) << made.out;
      EXPECT_EQ(published.refuse(json::parse(made.out)), "") << entry.path();
    }
  }
}

}  // namespace
}  // namespace tryst::compiler
