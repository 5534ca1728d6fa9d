// Programs, versions and procedures in C++ (RFC 5531 §12).
#include <algorithm>

#include "header.hpp"

namespace tryst::compiler {
namespace {

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) out += (i == 0 ? "" : ", ") + parts[i];
  return out;
}

}  // namespace

void header_writer::program(idl::definition_index index, const idl::program& what) {
  for (std::size_t i = 0; i < what.versions.size(); ++i) {
    if (i != 0) out_.blank();
    version(index, i);
  }
}

void header_writer::version(idl::definition_index program, std::size_t number) {
  const auto& of = model_.definitions[program];
  const auto& made = std::get<idl::program>(of.what);
  const auto& what = made.versions[number];
  const auto& name = names_.version(program, number);
  const local_names members = names_.members_of(program, number);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < what.procedures.size(); ++i) {
    names.push_back(names_.procedure(program, number, i));
  }
  const cpp_place at{space_, &members, false};
  const local_names nothing;
  const cpp_place outside{space_, &nothing, false};
  if (number == 0) documented(of.about);
  documented(what.about);
  out_.comment({"program " + of.name + " = " + types_.bound(made.value, outside) + ", version " +
                what.name + " = " + types_.bound(what.value, outside)});
  out_.line("struct " + name + " {");
  out_.in();
  out_.line("static constexpr tryst::rpc::interface_id id{" + types_.bound(made.value, at) + ", " +
            types_.bound(what.value, at) + "};");
  out_.line("static constexpr std::string_view program_name = \"" + of.name + "\";");
  out_.line("static constexpr std::string_view name = \"" + what.name + "\";");
  for (std::size_t i = 0; i < what.procedures.size(); ++i) {
    out_.blank();
    procedure(what.procedures[i], names[i], name, at);
  }
  out_.blank();
  std::vector<std::size_t> ascending(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) ascending[i] = i;
  std::ranges::sort(ascending, {},
                    [&](std::size_t i) { return what.procedures[i].value.value.magnitude; });
  std::vector<std::string> sorted;
  for (const auto i : ascending) sorted.push_back(names[i]);
  out_.list_behind("using procedures =", "tryst::rpc::procedure_list<", sorted, ">;");
  out_.blank();
  out_.comment({"Calls " + name +
                " through a caller: a connection, a datagram socket, or this very process."});
  out_.line("template <class Caller>");
  out_.line("class stub;");
  out_.out();
  out_.line("};");
  out_.blank();
  stub(what, name, at, names, program, number);
}

void header_writer::procedure(const idl::procedure& what, const std::string& name,
                              const std::string& version, const cpp_place& at) {
  documented(what.about);
  std::vector<std::string> arguments;
  std::vector<std::string> descriptions;
  bool any = false;
  for (const auto& next : what.arguments) {
    arguments.push_back(types_.spell(next.type, at));
    const auto description = types_.describe(next.type, at);
    any = any || !description.empty();
    descriptions.push_back(description.empty() ? "tryst::xdr::plain" : description);
  }
  const auto result = types_.describe(what.result, at);
  if (!any) descriptions.clear();
  if (!result.empty() || any) {
    descriptions.insert(descriptions.begin(), result.empty() ? "tryst::xdr::plain" : result);
  }
  std::vector<std::string> parts{types_.bound(what.value, at),
                                 types_.spell(what.result, at) + "(" + joined(arguments) + ")"};
  parts.insert(parts.end(), descriptions.begin(), descriptions.end());
  out_.list_behind("struct " + name, ": tryst::rpc::procedure<", parts, "> {");
  out_.in();
  out_.line("using version = " + version + ";");
  out_.line("static constexpr std::string_view name = \"" + what.name + "\";");
  std::vector<std::string> notes;
  if (what.idempotent) notes.emplace_back(".idempotent = true");
  if (what.once) notes.emplace_back(".once = true");
  if (what.oneway) notes.emplace_back(".oneway = true");
  if (what.acknowledged) notes.emplace_back(".acknowledged = true");
  if (what.max_wait_ms != 0) notes.push_back(".max_wait_ms = " + std::to_string(what.max_wait_ms));
  if (what.max_pending != 0) notes.push_back(".max_pending = " + std::to_string(what.max_pending));
  if (!notes.empty()) {
    out_.list("static constexpr tryst::rpc::procedure_annotations annotations{", notes, "};");
  }
  out_.blank();
  const std::string call = "service." + name + "(std::forward<Arguments>(arguments)...)";
  out_.line("template <class Service, class... Arguments>");
  out_.line("static constexpr auto invoke(Service& service, Arguments&&... arguments)");
  out_.line("    -> decltype(" + call + ") {");
  out_.in();
  out_.line("return " + call + ";");
  out_.out();
  out_.line("}");
  out_.out();
  out_.line("};");
}

void header_writer::stub(const idl::version& what, const std::string& name, const cpp_place& at,
                         const std::vector<std::string>& procedure_names,
                         idl::definition_index at_program, std::size_t at_version) {
  out_.line("template <class Caller>");
  out_.line("class " + name + "::stub {");
  out_.line("public:");
  out_.in();
  out_.line("explicit stub(Caller& caller) : caller_{caller} {}");
  for (std::size_t i = 0; i < procedure_names.size(); ++i) {
    const auto& next = what.procedures[i];
    const auto& procedure = procedure_names[i];
    // What the class and the version declare is not to be shadowed.
    local_names parameters = names_.members_of(at_program, at_version);
    parameters.take("how");
    std::vector<std::string> declared;
    std::vector<std::string> moved;
    for (std::size_t n = 0; n < next.arguments.size(); ++n) {
      const auto& given = next.arguments[n].name;
      const auto argument = parameters.take(given.empty() ? "arg" + std::to_string(n + 1) : given);
      declared.push_back(types_.spell(next.arguments[n].type, at) + " " + argument);
      moved.push_back("std::move(" + argument + ")");
    }
    declared.emplace_back("auto&&... how");
    out_.blank();
    out_.list("auto " + procedure + "(", declared, ") const {");
    out_.in();
    std::vector<std::string> handed{"std::forward_as_tuple(" + joined(moved) + ")",
                                    "std::forward<decltype(how)>(how)..."};
    out_.list("return caller_.template call<" + name + "::" + procedure + ">(", handed, ");");
    out_.out();
    out_.line("}");
  }
  out_.blank();
  out_.out();
  out_.line("private:");
  out_.in();
  out_.line("Caller& caller_;");
  out_.out();
  out_.line("};");
}

}  // namespace tryst::compiler
