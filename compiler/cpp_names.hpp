// What the definitions of a .x are called in C++. Words are taken as they stand; a word that
// cannot stand in C++ gets an underscore at its end, and a note says so.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tryst/idl/diagnostic.hpp>
#include <tryst/idl/model.hpp>
#include <vector>

namespace tryst::compiler {

/// Keywords, macros of C, and the words that generated code itself uses.
bool cannot_stand(std::string_view word);

/// A folder-free file name as a namespace: `nfs-v3.x` becomes nfs_v3.
std::string namespace_of_file(std::string_view path);

/// Names that stand in one class or function. What is declared there hides what is outside.
class local_names {
public:
  local_names() = default;
  explicit local_names(std::vector<std::string_view> reserved)
      : used_{reserved.begin(), reserved.end()} {}

  /// The word itself, or with underscores until it can stand and is not taken.
  std::string take(const std::string& word);
  /// A word that cannot be taken, and yet hides nothing: the name of the class itself.
  void forbid(const std::string& word) { forbidden_.insert(word); }
  bool hides(const std::string& word) const { return used_.contains(word); }
  /// A name for a parameter that hides nothing that is declared here.
  std::string free(std::string word) const;

private:
  std::set<std::string, std::less<>> used_;
  std::set<std::string, std::less<>> forbidden_;
};

class cpp_names {
public:
  cpp_names(const idl::model& interface, std::string default_namespace, idl::diagnostics& report);

  const idl::model& interface() const { return model_; }
  /// `a::b`.
  const std::string& name_space(idl::definition_index index) const { return spaces_[index]; }
  const std::string& name(idl::definition_index index) const { return names_[index]; }
  const std::string& enumerator(idl::definition_index index, std::size_t value) const {
    return enumerators_[index][value];
  }
  const std::string& version(idl::definition_index program, std::size_t number) const {
    return versions_[program][number];
  }

  const std::string& procedure(idl::definition_index program, std::size_t version,
                               std::size_t number) const {
    return procedures_[program][version][number];
  }
  /// What is declared inside of the struct of a version.
  local_names members_of(idl::definition_index program, std::size_t version) const;

  /// As it is written inside of namespace `at`, where `hidden` is declared.
  std::string refer(idl::definition_index index, const std::string& at, const local_names& hidden,
                    bool view = false) const;
  std::string refer(const idl::constant_reference& what, const std::string& at,
                    const local_names& hidden) const;

  /// Says that a word has become another one.
  void changed(const std::string& from, const std::string& to, idl::location where) const;

private:
  std::string qualified(const std::string& space, const std::string& name, const std::string& at,
                        const local_names& hidden) const;
  std::string take(const std::string& word, const std::string& space, idl::location where);
  void name_version(idl::definition_index program, const idl::version& what);

  const idl::model& model_;
  idl::diagnostics& report_;
  std::vector<std::string> spaces_;
  std::vector<std::string> names_;
  std::vector<std::vector<std::string>> enumerators_;
  std::vector<std::vector<std::string>> versions_;
  std::vector<std::vector<std::vector<std::string>>> procedures_;
  std::map<std::string, local_names, std::less<>> in_space_;
};

}  // namespace tryst::compiler
