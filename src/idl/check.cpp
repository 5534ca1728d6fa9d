#include <algorithm>

#include "idl/checker.hpp"

namespace tryst::idl {
namespace {

std::string joined(const std::vector<std::string>& at, std::size_t count, const std::string& name) {
  std::string full;
  for (std::size_t i = 0; i < count; ++i) full += at[i] + "::";
  return full + name;
}

/// The innermost meaning of `name` in a namespace: looked for from the inside out.
template <class Table>
auto innermost(const Table& table, const std::string& name, const std::vector<std::string>& at) {
  for (std::size_t count = at.size() + 1; count-- > 0;) {
    const auto found = table.find(joined(at, count, name));
    if (found != table.end()) return found;
  }
  return table.end();
}

}  // namespace

diagnostic& checker::twice(const std::string& name, location where, location first) {
  auto& said = report_.error(where, static_cast<std::uint32_t>(name.size()),
                             quote(name) + " is defined twice");
  said.remarks.push_back({first, "the first definition is here"});
  return said;
}

const definition_index* checker::find(const std::string& name, const place& at) const {
  const auto found = innermost(names_, name, at);
  return found == names_.end() ? nullptr : &found->second;
}

std::optional<constant_reference> checker::find_constant(const std::string& name,
                                                         const place& at) const {
  const auto value = innermost(values_, name, at);
  if (value != values_.end()) return value->second;
  const auto* found = find(name, at);
  if (found == nullptr) {
    // COLOR::RED for a value of an enum COLOR.
    const auto last = name.rfind("::");
    return last == name.npos ? std::nullopt : find_constant(name.substr(last + 2), at);
  }
  if (!std::holds_alternative<constant>(out_.definitions[*found].what)) return std::nullopt;
  return constant_reference{*found, std::nullopt};
}

location checker::place_of(constant_reference what) const {
  const auto* from = entries_[what.definition].enumeration;
  if (from == nullptr || !what.enumerator) return out_.definitions[what.definition].where;
  return from->values[*what.enumerator].name.where;
}

definition_index checker::add(std::string name, const place& at, location where, entry made,
                              bool named) {
  const auto index = static_cast<definition_index>(out_.definitions.size());
  const std::string full = joined(at, at.size(), name);
  if (named) {
    const auto [known, is_new] = names_.emplace(full, index);
    const auto value = values_.find(full);
    if (!is_new) {
      const auto& first = out_.definitions[known->second];
      // Alike constants and typedefs are let through, once their values are known.
      const bool alike = entries_[known->second].alias != nullptr && made.alias != nullptr;
      const bool equal = entries_[known->second].constant != nullptr && made.constant != nullptr;
      if (first.where == where) return known->second;  // a file is included twice
      if (first.import) {
        known->second = index;  // what this file says counts
      } else if (alike || equal) {
        made.repeated = true;
      } else {
        twice(name, where, first.where);
      }
    } else if (value != values_.end() && !out_.definitions[value->second.definition].import) {
      twice(name, where, place_of(value->second));
    }
  }
  definition next;
  next.name = std::move(name);
  next.name_space = at;
  next.where = where;
  out_.definitions.push_back(std::move(next));
  entries_.push_back(made);
  return index;
}

template <class Body>
definition_index checker::declare_body(const Body& body, std::string name, const place& at) {
  entry made;
  const location where = body.name.where;
  const bool named = !body.name.text.empty();
  if constexpr (std::is_same_v<Body, syntax::structure>) {
    for (const auto& inner : body.members) declare_bodies(inner, at, name);
    made.structure = &body;
  } else if constexpr (std::is_same_v<Body, syntax::union_>) {
    declare_bodies(body.discriminant, at, name);
    for (const auto& inner : body.arms) {
      if (inner.member) declare_bodies(*inner.member, at, name);
    }
    made.union_ = &body;
  } else {
    made.enumeration = &body;
  }
  const auto index = add(named ? body.name.text : std::move(name), at, where, made, named);
  bodies_[&body] = index;
  auto& what = out_.definitions[index].what;
  if constexpr (std::is_same_v<Body, syntax::structure>) {
    what = structure{};
    for (const auto& inner : body.members) {
      std::visit(
          [&](const auto& child) {
            if constexpr (!std::is_same_v<std::decay_t<decltype(child)>, std::monostate>)
              out_.definitions[bodies_[child.get()]].parent = index;
          },
          inner.type.body);
    }
  } else if constexpr (std::is_same_v<Body, syntax::union_>) {
    what = union_{};
    const auto adopt = [&](const syntax::declaration& inner) {
      std::visit(
          [&](const auto& child) {
            if constexpr (!std::is_same_v<std::decay_t<decltype(child)>, std::monostate>)
              out_.definitions[bodies_[child.get()]].parent = index;
          },
          inner.type.body);
    };
    adopt(body.discriminant);
    for (const auto& inner : body.arms) {
      if (inner.member) adopt(*inner.member);
    }
  } else {
    what = enumeration{};
    declare_values(index, body);
  }
  return index;
}

void checker::declare_bodies(const syntax::declaration& what, const place& at, std::string) {
  std::visit(
      [&](const auto& body) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(body)>, std::monostate>)
          declare_body(*body, what.name.text + "_t", at);
      },
      what.type.body);
}

void checker::declare_values(definition_index owner, const syntax::enumeration& what) {
  const place& at = place_of(owner);
  std::uint32_t number = 0;
  for (const auto& value : what.values) {
    const std::string full = joined(at, at.size(), value.name.text);
    const auto known = values_.find(full);
    const auto* name = names_.contains(full) ? &names_.find(full)->second : nullptr;
    if (known != values_.end()) {
      const auto& first = out_.definitions[known->second.definition];
      const location where = place_of(known->second);
      if (first.import) {
        known->second = {owner, number};
      } else if (where != value.name.where) {
        twice(value.name.text, value.name.where, where);
      }
    } else if (name != nullptr && !out_.definitions[*name].import) {
      twice(value.name.text, value.name.where, out_.definitions[*name].where);
    } else {
      values_.emplace(full, constant_reference{owner, number});
    }
    ++number;
  }
}

void checker::declare_alias(const syntax::definition& from, const syntax::declaration& what) {
  const place& at = from.name_space;
  const bool plain = what.stars == 0 && what.suffixes.empty();
  if (what.type.has_body()) {
    std::visit(
        [&](const auto& body) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(body)>, std::monostate>) {
            if (bodies_.contains(body.get())) return;  // the second name of one typedef
            const bool unnamed = body->name.text.empty();
            const auto index =
                declare_body(*body, unnamed && !plain ? what.name.text + "_t" : what.name.text, at);
            if (unnamed) {
              out_.definitions[index].where = what.name.where;
              if (plain) {
                const auto [known, is_new] =
                    names_.emplace(joined(at, at.size(), what.name.text), index);
                const location first = out_.definitions[known->second].where;
                if (!is_new && first != what.name.where)
                  twice(what.name.text, what.name.where, first);
              }
            }
            out_.definitions[index].about = document(from.about);
            annotate(out_.definitions[index], from.about);
            if (unnamed && plain) entries_[index].from = &from;
          }
        },
        what.type.body);
    const auto* named = find(what.name.text, at);
    if (plain && named != nullptr && entries_[*named].from == &from) return;
  }
  // `typedef struct x x;` says nothing.
  if (plain && what.type.name.text == what.name.text) return;
  entry made;
  made.from = &from;
  made.alias = &what;
  const auto index = add(what.name.text, at, what.name.where, made);
  if (entries_[index].alias == &what) out_.definitions[index].what = alias{};
}

void checker::declare(const syntax::definition& from) {
  std::visit(
      [&](const auto& what) {
        using kind = std::decay_t<decltype(what)>;
        entry made;
        made.from = &from;
        if constexpr (std::is_same_v<kind, syntax::declaration>) {
          declare_alias(from, what);
        } else if constexpr (std::is_same_v<kind, syntax::constant>) {
          made.constant = &what;
          const auto index = add(what.name.text, from.name_space, what.name.where, made);
          if (entries_[index].constant == &what) out_.definitions[index].what = constant{};
        } else if constexpr (std::is_same_v<kind, syntax::program>) {
          made.program = &what;
          numbers_.emplace(what.name.text, &what.number);
          for (const auto& version : what.versions) {
            numbers_.emplace(version.name.text, &version.number);
            for (const auto& one : version.procedures) numbers_.emplace(one.name.text, &one.number);
          }
          // A program's name is a number's: it may be that of a type, and nothing refers to it.
          const auto index = add(what.name.text, from.name_space, what.name.where, made, false);
          out_.definitions[index].what = program{};
        } else if constexpr (std::is_same_v<kind, syntax::external>) {
          const auto index = add(what.name.text, from.name_space, what.name.where, made);
          out_.definitions[index].what = external{what.cpp_name, what.header};
          entries_[index].computed = entry::state::done;
        } else {
          const auto index = declare_body(what, what.name.text, from.name_space);
          entries_[index].from = &from;
        }
      },
      from.what);
}

void checker::adopt_earlier() {
  for (definition_index i = 0; i < out_.definitions.size(); ++i) {
    const auto& known = out_.definitions[i];
    entry made;
    made.computed = entry::state::done;
    entries_.push_back(made);
    const auto& at = known.name_space;
    if (!std::holds_alternative<program>(known.what)) {
      names_.emplace(joined(at, at.size(), known.name), i);
    }
    if (const auto* values = std::get_if<enumeration>(&known.what)) {
      for (std::uint32_t n = 0; n < values->values.size(); ++n) {
        values_.emplace(joined(at, at.size(), values->values[n].name), constant_reference{i, n});
      }
    }
  }
}

void checker::read_defines(const std::vector<pass_through_line>& pass_through) {
  for (const auto& line : pass_through) {
    if (out_.pass_through.empty()) out_.pass_through_at = line.where;
    out_.pass_through.emplace_back(line.text);
    if (line.define_value) defines_.emplace(line.define_name, &*line.define_value);
  }
}

void checker::compare_repeated() {
  for (definition_index i = 0; i < entries_.size(); ++i) {
    if (!entries_[i].repeated) continue;
    auto& second = out_.definitions[i];
    const auto& first = out_.definitions[*find(second.name, second.name_space)];
    bool same = false;
    if (const auto* value = std::get_if<constant>(&second.what)) {
      const auto* other = std::get_if<constant>(&first.what);
      same = other != nullptr && value->value.value == other->value.value &&
             value->text == other->text;
    } else if (const auto* type = std::get_if<alias>(&second.what)) {
      const auto* other = std::get_if<alias>(&first.what);
      if (other != nullptr) {
        const auto& a = out_.types[type->type];
        const auto& b = out_.types[other->type];
        same = a.kind == b.kind && a.bound.value == b.bound.value && a.definition == b.definition &&
               a.element == b.element;
      }
    }
    if (!same) {
      twice(second.name, second.where, first.where);
    } else {
      report_
          .warning(second.where, static_cast<std::uint32_t>(second.name.size()),
                   quote(second.name) + " is defined twice, both times alike")
          .remarks.push_back({first.where, "the first definition is here"});
    }
  }
}

/// What is said twice is written once.
void checker::drop_repeated() {
  std::vector<definition_index> moved(out_.definitions.size());
  model kept = out_;
  kept.definitions.clear();
  for (definition_index i = 0; i < out_.definitions.size(); ++i) {
    moved[i] = static_cast<definition_index>(kept.definitions.size());
    if (entries_[i].repeated) {
      moved[i] = moved[*find(out_.definitions[i].name, out_.definitions[i].name_space)];
    } else {
      kept.definitions.push_back(std::move(out_.definitions[i]));
    }
  }
  const auto move_number = [&](number& n) {
    if (n.name) n.name->definition = moved[n.name->definition];
  };
  for (auto& type : kept.types) {
    if (type.kind == type_kind::named) type.definition = moved[type.definition];
    move_number(type.bound);
  }
  for (auto& next : kept.definitions) {
    if (next.parent) next.parent = moved[*next.parent];
    if (auto* value = std::get_if<constant>(&next.what)) move_number(value->value);
    if (auto* made = std::get_if<union_>(&next.what)) {
      for (auto& one : made->arms) std::ranges::for_each(one.labels, move_number);
    }
    if (auto* made = std::get_if<enumeration>(&next.what)) {
      for (auto& one : made->values) {
        if (one.given) move_number(*one.given);
      }
    }
    if (auto* made = std::get_if<program>(&next.what)) {
      move_number(made->value);
      for (auto& version : made->versions) {
        move_number(version.value);
        for (auto& procedure : version.procedures) move_number(procedure.value);
      }
    }
  }
  out_ = std::move(kept);
}

model checker::run(const std::vector<pass_through_line>& pass_through) {
  out_.about = input_.about;
  if (out_.types.empty()) add_type({});  // index 0 is void
  adopt_earlier();
  read_defines(pass_through);
  for (const auto& next : input_.definitions) declare(next);
  for (definition_index i = 0; i < out_.definitions.size(); ++i) fill(i);
  compare_repeated();
  if (report_.ok() && std::ranges::any_of(entries_, &entry::repeated)) drop_repeated();
  find_indirect_arms(out_);
  measure(out_, report_);
  return std::move(out_);
}

model check(const syntax::file& input, const std::vector<pass_through_line>& pass_through,
            model earlier, diagnostics& report) {
  return checker{input, std::move(earlier), report}.run(pass_through);
}

}  // namespace tryst::idl
