#include "json.hpp"

#include <nlohmann/json.hpp>

namespace tryst::compiler {
namespace {

using json = nlohmann::ordered_json;
using idl::type_kind;

const char* kind_name(type_kind kind) {
  switch (kind) {
    case type_kind::void_:
      return "void";
    case type_kind::boolean:
      return "bool";
    case type_kind::int8:
      return "char";
    case type_kind::uint8:
      return "unsigned char";
    case type_kind::int16:
      return "short";
    case type_kind::uint16:
      return "unsigned short";
    case type_kind::int32:
      return "int";
    case type_kind::uint32:
      return "unsigned int";
    case type_kind::int64:
      return "hyper";
    case type_kind::uint64:
      return "unsigned hyper";
    case type_kind::float32:
      return "float";
    case type_kind::float64:
      return "double";
    case type_kind::quadruple:
      return "quadruple";
    case type_kind::string:
      return "string";
    case type_kind::opaque:
      return "opaque";
    case type_kind::fixed_opaque:
      return "fixed opaque";
    case type_kind::vector:
      return "variable array";
    case type_kind::array:
      return "fixed array";
    case type_kind::optional:
      return "optional";
    case type_kind::named:
      return "named";
  }
  return "void";
}

class describer {
public:
  explicit describer(const idl::model& interface) : model_{interface} {}

  json definition(const idl::definition& what) const {
    json out;
    out["name"] = idl::full_name(what);
    std::visit([&](const auto& made) { describe(out, made); }, what.what);
    const bool is_type = !std::holds_alternative<idl::constant>(what.what) &&
                         !std::holds_alternative<idl::program>(what.what);
    if (is_type) size(out, what.size);
    if (what.import) out["import"] = model_.imports[*what.import].name;
    if (what.parent) out["inside"] = idl::full_name(model_.definitions[*what.parent]);
    remarks(out, what.about);
    return out;
  }

private:
  static json value(const idl::integer& number) {
    if (number.negative) return number.as_int64();
    return number.magnitude;
  }

  static void size(json& out, const idl::wire_size& size) {
    out["wire_size"]["least"] = size.least;
    if (size.most != ~std::uint64_t{}) out["wire_size"]["most"] = size.most;
  }

  static void remarks(json& out, const idl::documentation& about) {
    std::string text;
    for (const auto& line : about.before) text += (text.empty() ? "" : "\n") + line;
    if (!about.behind.empty()) text += (text.empty() ? "" : "\n") + about.behind;
    if (!text.empty()) out["comment"] = text;
  }

  json number(const idl::number& what) const {
    json out;
    out["value"] = value(what.value);
    if (what.name) {
      const auto& of = model_.definitions[what.name->definition];
      out["name"] = what.name->enumerator
                        ? std::get<idl::enumeration>(of.what).values[*what.name->enumerator].name
                        : idl::full_name(of);
    } else if (!what.spelling.empty()) {
      out["spelling"] = what.spelling;
    }
    return out;
  }

  json type(idl::type_index index) const {
    const auto& what = model_.types[index];
    json out;
    out["kind"] = kind_name(what.kind);
    switch (what.kind) {
      case type_kind::string:
      case type_kind::opaque:
      case type_kind::vector:
        if (what.limit() != idl::unbounded || what.bound.name) out["at_most"] = number(what.bound);
        break;
      case type_kind::fixed_opaque:
      case type_kind::array:
        out["count"] = number(what.bound);
        break;
      case type_kind::named:
        out["name"] = idl::full_name(model_.definitions[what.definition]);
        break;
      default:
        break;
    }
    if (what.kind == type_kind::vector || what.kind == type_kind::array ||
        what.kind == type_kind::optional) {
      out["of"] = type(what.element);
    }
    return out;
  }

  void describe(json& out, const idl::constant& what) const {
    out["kind"] = "constant";
    if (!what.text.empty()) {
      out["text"] = what.text.substr(1, what.text.size() - 2);
    } else {
      out["value"] = value(what.value.value);
      if (what.value.name) out["same_as"] = number(what.value)["name"];
      if (!what.value.name && !what.value.spelling.empty()) out["spelling"] = what.value.spelling;
    }
  }

  void describe(json& out, const idl::enumeration& what) const {
    out["kind"] = "enum";
    out["open"] = what.open;
    out["values"] = json::array();
    for (const auto& next : what.values) {
      json one{{"name", next.name}, {"value", next.value}};
      remarks(one, next.about);
      out["values"].push_back(std::move(one));
    }
  }

  void describe(json& out, const idl::structure& what) const {
    out["kind"] = "struct";
    out["lenient"] = what.lenient;
    out["view"] = what.view;
    out["members"] = json::array();
    for (const auto& next : what.members) {
      json one{{"name", next.name}, {"type", type(next.type)}};
      remarks(one, next.about);
      out["members"].push_back(std::move(one));
    }
  }

  void describe(json& out, const idl::union_& what) const {
    out["kind"] = "union";
    out["lenient"] = what.lenient;
    out["view"] = what.view;
    out["discriminant"] = {{"name", what.discriminant}, {"type", type(what.discriminant_type)}};
    out["arms"] = json::array();
    for (const auto& next : what.arms) {
      json one;
      one["cases"] = json::array();
      for (const auto& label : next.labels) one["cases"].push_back(number(label));
      one["default"] = next.is_default;
      if (!next.name.empty()) one["name"] = next.name;
      one["type"] = type(next.type);
      remarks(one, next.about);
      out["arms"].push_back(std::move(one));
    }
  }

  void describe(json& out, const idl::alias& what) const {
    out["kind"] = "typedef";
    out["type"] = type(what.type);
  }

  void describe(json& out, const idl::external& what) const {
    out["kind"] = "extern";
    out["cpp_name"] = what.cpp_name;
    out["header"] = what.header;
  }

  void describe(json& out, const idl::program& what) const {
    out["kind"] = "program";
    out["number"] = value(what.value.value);
    out["versions"] = json::array();
    for (const auto& next : what.versions) {
      json version{{"name", next.name}, {"number", value(next.value.value)}};
      version["procedures"] = json::array();
      for (const auto& one : next.procedures) {
        json procedure{{"name", one.name}, {"number", value(one.value.value)}};
        procedure["result"] = type(one.result);
        procedure["arguments"] = json::array();
        for (const auto& argument : one.arguments) {
          json given;
          if (!argument.name.empty()) given["name"] = argument.name;
          given["type"] = type(argument.type);
          procedure["arguments"].push_back(std::move(given));
        }
        procedure["idempotent"] = one.idempotent;
        procedure["once"] = one.once;
        procedure["oneway"] = one.oneway;
        if (one.acknowledged) procedure["acknowledged"] = true;
        if (one.max_wait_ms != 0) procedure["max_wait_ms"] = one.max_wait_ms;
        if (one.max_pending != 0) procedure["max_pending"] = one.max_pending;
        remarks(procedure, one.about);
        version["procedures"].push_back(std::move(procedure));
      }
      remarks(version, next.about);
      out["versions"].push_back(std::move(version));
    }
  }

  const idl::model& model_;
};

}  // namespace

std::string interface_json(const idl::model& interface, const std::string& source_name) {
  json out;
  out["format"] = 1;
  out["source"] = source_name;
  out["definitions"] = json::array();
  const describer with{interface};
  for (const auto& next : interface.definitions)
    out["definitions"].push_back(with.definition(next));
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace tryst::compiler
