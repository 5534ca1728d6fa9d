// Types of a .x, and what is known of them besides their C++ shape, spelled in C++.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "cpp_names.hpp"

namespace tryst::compiler {

/// Where a type is spelled: inside of which namespace, what is declared there, and whether it is
/// spelled for a view.
struct cpp_place {
  std::string name_space;
  const local_names* hidden = nullptr;
  bool view = false;
};

class cpp_types {
public:
  explicit cpp_types(const cpp_names& names);

  /// `std::vector<std::int64_t>`.
  std::string spell(idl::type_index index, const cpp_place& at) const;
  /// `tryst::xdr::at_most<16>`, or nothing when the type says it all.
  std::string describe(idl::type_index index, const cpp_place& at) const;
  /// What a reader should know of the bound: "at most 16".
  std::string remark(idl::type_index index, const cpp_place& at) const;
  /// `{}` for what has no value of its own, or nothing.
  std::string initializer(idl::type_index index) const;
  std::string bound(const idl::number& what, const cpp_place& at) const;
  /// A number of a union's case, in C++.
  std::string literal(const idl::number& what, const cpp_place& at) const;

  /// Structs and unions that have a view: those that are marked, and what they are made of.
  const std::set<idl::definition_index>& views() const { return views_; }
  /// The structs, unions and enums that must be complete before (first), and those that must be
  /// declared before (second), a member of this type.
  void needs(idl::type_index index, std::vector<idl::definition_index>& complete,
             std::vector<idl::definition_index>& later,
             std::vector<idl::definition_index>& declared) const;

  const idl::model& interface() const { return model_; }
  const cpp_names& names() const { return names_; }

private:
  std::string spell_view(const idl::type& what, const cpp_place& at) const;
  bool is_list_node(idl::definition_index index) const;
  static bool owns_itself(const idl::definition& what);
  void find_views();

  const cpp_names& names_;
  const idl::model& model_;
  std::set<idl::definition_index> views_;
};

}  // namespace tryst::compiler
