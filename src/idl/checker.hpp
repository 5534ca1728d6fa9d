// The check of an interface: what its parts share.
#pragma once

#include <map>
#include <string>
#include <tryst/idl/compile.hpp>
#include <unordered_map>
#include <vector>

namespace tryst::idl {

/// Looks names up and computes numbers, definition by definition.
class checker {
public:
  checker(const syntax::file& input, model earlier, diagnostics& report)
      : input_{input}, report_{report}, out_{std::move(earlier)} {}

  model run(const std::vector<pass_through_line>& pass_through);

private:
  /// What a definition is made from, and how far that has come.
  struct entry {
    const syntax::definition* from = nullptr;  // of a definition at the top
    const syntax::constant* constant = nullptr;
    const syntax::declaration* alias = nullptr;
    const syntax::enumeration* enumeration = nullptr;
    const syntax::structure* structure = nullptr;
    const syntax::union_* union_ = nullptr;
    const syntax::program* program = nullptr;
    enum class state : std::uint8_t { fresh, begun, done } computed = state::fresh;
    bool repeated = false;  // a second definition of the same name, to be compared
  };
  using place = std::vector<std::string>;  // the namespace that a name is used in

  // check.cpp: names.
  void declare(const syntax::definition& from);
  void declare_alias(const syntax::definition& from, const syntax::declaration& what);
  void declare_bodies(const syntax::declaration& what, const place& at, std::string owner);
  template <class Body>
  definition_index declare_body(const Body& body, std::string name, const place& at);
  definition_index add(std::string name, const place& at, location where, entry made,
                       bool named = true);
  void declare_values(definition_index owner, const syntax::enumeration& what);
  void adopt_earlier();
  void read_defines(const std::vector<pass_through_line>& pass_through);
  void compare_repeated();
  void drop_repeated();
  location place_of(constant_reference what) const;
  const definition_index* find(const std::string& name, const place& at) const;
  std::optional<constant_reference> find_constant(const std::string& name, const place& at) const;
  diagnostic& twice(const std::string& name, location where, location first);
  documentation document(const syntax::remarks& about) const {
    return {about.before, about.behind};
  }

  // check_constants.cpp: numbers.
  std::optional<number> compute(const expression& what, const place& at);
  std::optional<integer> value_of(const expression_step& name, const place& at);
  std::optional<integer> value_of(constant_reference what, location used_at);
  void compute_constant(definition_index index);
  void compute_enum(definition_index index);
  std::optional<number> bound_of(const syntax::suffix& what, const place& at,
                                 bool of_opaque = false);
  void unknown_constant(const expression_step& name, const place& at);

  // check_types.cpp: types.
  void fill(definition_index index);
  void fill_structure(definition_index index, const syntax::structure& from);
  void fill_union(definition_index index, const syntax::union_& from);
  void fill_arm(union_& made, const syntax::arm& from, const place& at);
  void check_labels(const union_& made, const syntax::union_& from);
  type_index type_of(const syntax::declaration& what, const place& at);
  type_index simple_type(const syntax::type_specifier& what, const place& at);
  type_index add_type(type what);
  type_index wrap(type_index inner, const syntax::declaration& what, std::size_t used,
                  const place& at);
  type_index text_type(const syntax::declaration& what, const place& at);
  void undefined_type(const syntax::word& name);
  void annotate(definition& what, const syntax::remarks& about);

  // check_programs.cpp
  void fill_program(definition_index index, const syntax::program& from);
  procedure make_procedure(const syntax::procedure& from, const place& at);
  void annotate(procedure& made, const syntax::procedure& from);
  std::optional<number> unsigned_number(const expression& what, std::string_view of_what,
                                        const place& at);

  const place& place_of(definition_index index) const { return out_.definitions[index].name_space; }

  const syntax::file& input_;
  diagnostics& report_;
  model out_;
  std::vector<entry> entries_;  // parallel to out_.definitions
  std::map<std::string, definition_index, std::less<>> names_;
  std::map<std::string, constant_reference, std::less<>> values_;
  std::map<std::string, const expression*, std::less<>> defines_;  // of `%#define NAME number`
  std::map<std::string, const expression*, std::less<>> numbers_;  // of programs and their parts
  std::unordered_map<const void*, definition_index> bodies_;
  int depth_ = 0;
};

/// Reports recursion without indirection and what is too large, and computes every size.
void measure(model& what, diagnostics& report);
/// Marks the arms of unions that lead back to their union by value.
void find_indirect_arms(model& what);

}  // namespace tryst::idl
