// Constants, enums, typedefs, externs and structs in C++.
#include "header.hpp"

namespace tryst::compiler {
namespace {

const char* type_of_constant(idl::integer value) {
  if (value.fits_int32()) return "std::int32_t";
  if (value.fits_uint32()) return "std::uint32_t";
  return value.fits_int64() ? "std::int64_t" : "std::uint64_t";
}

}  // namespace

void header_writer::constant(idl::definition_index index, const idl::constant& what) {
  const auto& about = model_.definitions[index].about;
  if (!about.before.empty()) out_.blank();
  const std::string behind = remarks(about, {});
  const local_names nothing;
  const auto& name = names_.name(index);
  if (!what.text.empty()) {
    out_.line("inline constexpr std::string_view " + name + " = " + what.text + ";", behind);
    return;
  }
  const auto& number = what.value;
  std::string value = types_.literal(number, {space_, &nothing, false});
  if (number.value == idl::integer{true, 1ULL << 63U} && !number.name) {
    value = "-9223372036854775807 - 1";
  } else if (!number.name && !number.value.fits_int64()) {
    value += "u";
  }
  out_.line("inline constexpr " + std::string{type_of_constant(number.value)} + " " + name + " = " +
                value + ";",
            behind);
}

void header_writer::enumeration(idl::definition_index index, const idl::enumeration& what) {
  documented(model_.definitions[index].about);
  const auto& name = names_.name(index);
  local_names declared;
  out_.line("enum " + name + " : std::int32_t {");
  out_.in();
  const local_names nothing;
  for (std::size_t i = 0; i < what.values.size(); ++i) {
    const auto& next = what.values[i];
    const auto& spelled = names_.enumerator(index, i);
    declared.take(spelled);
    std::string value = std::to_string(next.value);
    if (next.given) {
      value = types_.literal(*next.given, {space_, &nothing, false});
      if (!next.given->value.fits_int32()) value = "static_cast<std::int32_t>(" + value + ")";
    }
    const auto behind = remarks(next.about, {});
    out_.line(spelled + " = " + value + ",", behind);
  }
  out_.out();
  out_.line("};");
  out_.blank();
  const auto visit = declared.free("visit");
  out_.line("template <class Visit>");
  out_.list("constexpr void xdr_enumerators(",
            {"tryst::xdr::type<" + name + ">", "Visit&& " + visit}, ") {");
  out_.in();
  for (std::size_t i = 0; i < what.values.size(); ++i) {
    out_.list(visit + "(", {"\"" + what.values[i].name + "\"", names_.enumerator(index, i)}, ");");
  }
  out_.out();
  out_.line("}");
  if (what.open) {
    out_.blank();
    out_.line("constexpr void xdr_open(tryst::xdr::type<" + name + ">) {}");
  }
}

void header_writer::alias(idl::definition_index index, const idl::alias& what) {
  const auto& about = model_.definitions[index].about;
  if (!about.before.empty()) out_.blank();
  const local_names nothing;
  const cpp_place at{space_, &nothing, false};
  const auto behind = remarks(about, types_.remark(what.type, at));
  out_.line("using " + names_.name(index) + " = " + types_.spell(what.type, at) + ";", behind);
}

void header_writer::external(idl::definition_index index, const idl::external& what) {
  documented(model_.definitions[index].about);
  out_.line("using " + names_.name(index) + " = " + what.cpp_name + ";");
}

void header_writer::nested_names(idl::definition_index index) {
  bool any = false;
  for (idl::definition_index i = 0; i < index; ++i) {
    const auto& inner = model_.definitions[i];
    if (inner.parent != index || inner.where != idl::location{}) continue;
    out_.line("using " + inner.name + " = " + names_.name(i) + ";");
    any = true;
  }
  if (any) out_.blank();
}

void header_writer::lenient(idl::definition_index index) {
  const auto& what = model_.definitions[index].what;
  const auto* made = std::get_if<idl::structure>(&what);
  const auto* united = std::get_if<idl::union_>(&what);
  if ((made == nullptr || !made->lenient) && (united == nullptr || !united->lenient)) return;
  out_.blank();
  out_.line("constexpr void xdr_lenient(tryst::xdr::type<" + names_.name(index) + ">) {}");
}

void header_writer::structure(idl::definition_index index, const idl::structure& what, bool view) {
  const auto& name = names_.name(index);
  if (!view) documented(model_.definitions[index].about);
  local_names members;
  std::vector<std::string> spelled;
  for (const auto& next : what.members) {
    spelled.push_back(members.take(next.name));
    if (!view) names_.changed(next.name, spelled.back(), next.where);
  }
  const cpp_place at{space_, &members, view};
  out_.line("struct " + name + " {");
  out_.in();
  if (view) {
    out_.line("using xdr_owner = " + names_.name_space(index) + "::" + name + ";");
    out_.blank();
  } else {
    nested_names(index);
    if (types_.views().contains(index)) {
      out_.line("using xdr_view = " + names_.refer(index, space_, members, true) + ";");
      out_.blank();
    }
  }
  for (std::size_t i = 0; i < what.members.size(); ++i) {
    const auto& next = what.members[i];
    const auto remark = types_.remark(next.type, at);
    const auto behind = view ? remark : remarks(next.about, remark);
    const bool number = !view || model_.size_of(next.type).fixed();
    out_.line(types_.spell(next.type, at) + " " + spelled[i] +
                  (number ? types_.initializer(next.type) : "") + ";",
              behind);
  }
  if (!view) {
    if (!what.members.empty()) out_.blank();
    const bool hidden = members.hides(name);
    out_.line("bool operator==(const " + (hidden ? names_.refer(index, space_, members) : name) +
              "&) const = default;");
  }
  out_.blank();
  out_.line("template <class Self, class Visit>");
  if (what.members.empty()) {
    out_.line("[[gnu::always_inline]] static constexpr void xdr_fields(Self&, Visit&&) {}");
  } else {
    const auto self = members.free("self");
    const auto visit = members.free("visit");
    out_.line("[[gnu::always_inline]] static constexpr void xdr_fields(Self& " + self +
              ", Visit&& " + visit + ") {");
    out_.in();
    for (std::size_t i = 0; i < what.members.size(); ++i) {
      std::vector<std::string> arguments{"\"" + what.members[i].name + "\"",
                                         self + "." + spelled[i]};
      const auto description = types_.describe(what.members[i].type, at);
      if (!description.empty()) arguments.push_back(description + "{}");
      out_.list(visit + "(", arguments, ");");
    }
    out_.out();
    out_.line("}");
  }
  out_.out();
  out_.line("};");
  if (!view) lenient(index);
}

}  // namespace tryst::compiler
