#include "unions.hpp"

#include <algorithm>

namespace tryst::compiler {
namespace {

using idl::type_kind;

class union_writer {
public:
  union_writer(cpp_text& out, const cpp_types& types, idl::definition_index index,
               const idl::union_& what, const std::string& space, bool view)
      : out_{out},
        types_{types},
        names_{types.names()},
        model_{types.interface()},
        index_{index},
        what_{what},
        space_{space},
        view_{view},
        definition_{model_.definitions[index]} {}

  void write() {
    name_everything();
    out_.line("class " + names_.name(index_) + " {");
    out_.line("public:");
    out_.in();
    heading();
    accessors();
    if (!view_) setters();
    if (!view_) {
      out_.line("bool operator==(const " + names_.name(index_) + "&) const = default;");
      out_.blank();
    }
    description();
    out_.out();
    out_.line("private:");
    out_.in();
    storage();
    out_.out();
    out_.line("};");
  }

private:
  struct arm {
    std::string name;  // empty: void
    std::string type;
    std::string kept;  // as it is stored: `type`, or on the heap
    std::string description;
    std::string remark;
    std::vector<std::string> labels;
    bool is_default = false;
    bool when_true = false;  // of a bool
    bool when_false = false;
    bool shared() const { return is_default || labels.size() > 1; }
  };

  cpp_place place() const { return {space_, &members_, view_}; }

  void name_everything() {
    members_.forbid(names_.name(index_));
    members_.take("arm_");
    members_.take("discriminant_");
    discriminant_ = members_.take(what_.discriminant);
    if (!view_) names_.changed(what_.discriminant, discriminant_, definition_.where);
    for (const auto& next : what_.arms) {
      arm made;
      if (!next.name.empty()) made.name = members_.take(next.name);
      if (!view_) names_.changed(next.name, made.name, next.where);
      arms_.push_back(std::move(made));
    }
    for (const auto& next : arms_) setters_.push_back(members_.take("set_" + next.name));
    select_ = members_.take("set_" + what_.discriminant);
    const auto& kind = model_.resolved(what_.discriminant_type).kind;
    is_bool_ = kind == type_kind::boolean;
    type_ = kind == type_kind::int8 || kind == type_kind::int16 ? "std::int32_t"
            : kind == type_kind::uint8 || kind == type_kind::uint16
                ? "std::uint32_t"
                : types_.spell(what_.discriminant_type, {space_, &members_, false});
    fill_arms();
    if (is_bool_) settle_bool();
    keeps_ = !is_bool_ || std::ranges::any_of(arms_, [](const auto& one) {
      return one.when_true && one.when_false;
    });
  }

  void fill_arms() {
    const auto* named = model_.defined(what_.discriminant_type);
    const auto* values = named == nullptr ? nullptr : std::get_if<idl::enumeration>(&named->what);
    is_enum_ = values != nullptr;
    for (std::size_t i = 0; i < arms_.size(); ++i) {
      const auto& from = what_.arms[i];
      auto& made = arms_[i];
      made.is_default = from.is_default;
      if (!made.name.empty()) {
        made.type = types_.spell(from.type, place());
        made.kept = from.indirect ? "tryst::xdr::indirect<" + made.type + ">" : made.type;
        made.description = types_.describe(from.type, place());
        made.remark = types_.remark(from.type, place());
      }
      for (const auto& label : from.labels) {
        made.labels.push_back(types_.literal(label, place()));
        made.when_true = made.when_true || label.value.magnitude == 1;
        made.when_false = made.when_false || label.value.magnitude == 0;
        const bool own =
            label.name && named != nullptr && &model_.definitions[label.name->definition] == named;
        casts_ = casts_ || (is_enum_ && !own);
      }
    }
  }

  void settle_bool() {
    bool any_true = false;
    bool any_false = false;
    for (const auto& next : arms_) {
      any_true = any_true || next.when_true;
      any_false = any_false || next.when_false;
    }
    for (auto& next : arms_) {
      if (!next.is_default) continue;
      next.when_true = next.when_true || !any_true;
      next.when_false = next.when_false || !any_false;
    }
  }

  void heading() {
    if (view_) {
      out_.line("using xdr_owner = " + names_.name_space(index_) + "::" + names_.name(index_) +
                ";");
      out_.blank();
      return;
    }
    bool any = false;
    for (idl::definition_index i = 0; i < index_; ++i) {
      const auto& inner = model_.definitions[i];
      if (inner.parent != index_ || inner.where != idl::location{}) continue;
      out_.line("using " + inner.name + " = " + names_.name(i) + ";");
      any = true;
    }
    if (types_.views().contains(index_)) {
      out_.line("using xdr_view = view::" + names_.name(index_) + ";");
      any = true;
    }
    if (any) out_.blank();
  }

  void accessors() {
    const std::string signature = type_ + " " + discriminant_ + "() const";
    if (keeps_) {
      out_.short_function(signature, "return discriminant_;");
    } else {
      const auto yes = std::ranges::find(arms_, true, &arm::when_true);
      const auto no = std::ranges::find(arms_, true, &arm::when_false);
      const auto number = std::to_string(yes - arms_.begin());
      out_.short_function(signature, yes == arms_.end() ? "return false;"
                                     : no == arms_.end()
                                         ? "return true;"
                                         : "return arm_.index() == " + number + ";");
    }
    out_.blank();
    const bool any = std::ranges::any_of(arms_, [](const auto& one) { return !one.name.empty(); });
    if (any) out_.line("// The arm, or null when the discriminant selects another one.");
    for (std::size_t i = 0; i < arms_.size(); ++i) {
      const auto& next = arms_[i];
      if (next.name.empty()) continue;
      std::string behind = next.remark;
      if (!view_) {
        out_.comment(what_.arms[i].about.before);
        const auto& said = what_.arms[i].about.behind;
        behind += (behind.empty() || said.empty() ? "" : "; ") + said;
      }
      const std::string found = "std::get_if<" + std::to_string(i) + ">(&arm_)";
      if (what_.arms[i].indirect) {
        accessor("const " + next.type + "* " + next.name + "() const", found, behind);
        accessor(next.type + "* " + next.name + "()", found, {});
        continue;
      }
      const std::string body = "return " + found + ";";
      out_.short_function("const " + next.type + "* " + next.name + "() const", body, behind);
      if (!view_) out_.short_function(next.type + "* " + next.name + "()", body);
    }
    if (any) out_.blank();
  }

  /// The accessor of an arm on the heap.
  void accessor(const std::string& signature, const std::string& found, std::string_view behind) {
    out_.line(signature + " {", behind);
    out_.in();
    out_.line("auto* arm = " + found + ";");
    out_.line("return arm == nullptr ? nullptr : arm->get();");
    out_.out();
    out_.line("}");
  }

  /// How a setter's argument is handed on.
  std::string moved(std::size_t i) const {
    const auto& kind = model_.resolved(what_.arms[i].type).kind;
    const auto* named = model_.defined(what_.arms[i].type);
    const bool plain = kind < type_kind::quadruple ||
                       (named != nullptr && std::holds_alternative<idl::enumeration>(named->what));
    return plain ? "v" : "std::move(v)";
  }

  void setters() {
    bool first_shared = true;
    for (std::size_t i = 0; i < arms_.size(); ++i) {
      const auto& next = arms_[i];
      if (next.name.empty()) continue;
      const std::string emplace = "arm_.emplace<" + std::to_string(i) + ">(" + moved(i) + ");";
      if (!keeps_) {
        out_.short_function("void " + setters_[i] + "(" + next.kept + " v)", emplace);
        continue;
      }
      const bool shared = is_bool_ ? next.when_true && next.when_false : next.shared();
      if (!shared) {
        out_.line("void " + setters_[i] + "(" + next.kept + " v) {");
        out_.in();
        out_.line("discriminant_ = " + value_of(i) + ";");
        out_.line(emplace);
        out_.out();
        out_.line("}");
        continue;
      }
      if (first_shared) out_.line("// False, and no change, when `which` selects another arm.");
      first_shared = false;
      out_.list("bool " + setters_[i] + "(", {type_ + " which", next.kept + " v"}, ") {");
      out_.in();
      // A bool that two cases share has no other arm.
      if (!is_bool_) {
        out_.line("if (xdr_index(which) != " + std::to_string(i) + ") return false;");
      }
      out_.line("discriminant_ = which;");
      out_.line(emplace);
      out_.line("return true;");
      out_.out();
      out_.line("}");
    }
    if (std::ranges::any_of(arms_, [](const auto& one) { return !one.name.empty(); })) out_.blank();
    out_.line(
        "// Selects the arm of `which`, with a fresh value; false, and no change, when none has "
        "it.");
    out_.short_function("bool " + select_ + "(" + type_ + " which)", "return xdr_select(which);");
    out_.blank();
  }

  /// A value that selects the arm.
  std::string value_of(std::size_t i) const {
    if (is_bool_) return arms_[i].when_true ? "true" : "false";
    const std::string label = arms_[i].labels.empty() ? free_value() : arms_[i].labels.front();
    const bool own = !casts_ || !is_enum_;
    return own && !arms_[i].labels.empty() ? label
           : is_enum_                      ? "static_cast<" + type_ + ">(" + label + ")"
                                           : label;
  }

  /// A value that no case has, so that it selects the default.
  std::string free_value() const {
    const auto taken = [&](std::int64_t value) {
      return std::ranges::any_of(what_.arms, [&](const auto& one) {
        return std::ranges::any_of(
            one.labels, [&](const auto& label) { return label.value.as_int64() == value; });
      });
    };
    if (is_enum_) {
      const auto& values =
          std::get<idl::enumeration>(model_.defined(what_.discriminant_type)->what).values;
      for (const auto& next : values) {
        if (!taken(next.value)) return std::to_string(next.value);
      }
    }
    std::int64_t value = 0;
    while (taken(value)) ++value;
    return std::to_string(value);
  }

  bool has_shared() const {
    if (view_ || is_bool_) return false;
    return std::ranges::any_of(arms_,
                               [](const auto& one) { return one.shared() && !one.name.empty(); });
  }

  void description() {
    out_.line("using xdr_discriminant = " + type_ + ";");
    out_.line("static constexpr std::string_view xdr_discriminant_name = \"" + what_.discriminant +
              "\";");
    out_.short_function(type_ + " xdr_which() const", "return " + discriminant_ + "();");
    out_.blank();
    if (is_bool_) {
      select_bool();
    } else {
      select();
    }
    out_.blank();
    visit_arm();
    out_.blank();
    visit_each();
    out_.blank();
  }

  void select_bool() {
    const auto index_of = [&](bool value) {
      const auto found = std::ranges::find(arms_, true, value ? &arm::when_true : &arm::when_false);
      return static_cast<std::size_t>(found - arms_.begin());
    };
    const auto yes = index_of(true);
    const auto no = index_of(false);
    const auto emplace = [](std::size_t i) { return "arm_.emplace<" + std::to_string(i) + ">();"; };
    out_.line("bool xdr_select(bool which) {");
    out_.in();
    if (yes == arms_.size() || no == arms_.size()) {
      out_.line(yes == arms_.size() ? "if (which) return false;" : "if (!which) return false;");
      out_.line(emplace(yes == arms_.size() ? no : yes));
    } else if (yes == no) {
      out_.line("discriminant_ = which;");
      out_.line(emplace(yes));
    } else {
      out_.line("if (which) {");
      out_.in();
      out_.line(emplace(yes));
      out_.out();
      out_.line("} else {");
      out_.in();
      out_.line(emplace(no));
      out_.out();
      out_.line("}");
    }
    out_.line("return true;");
    out_.out();
    out_.line("}");
  }

  std::string subject() const {
    return is_enum_ && casts_ ? "static_cast<std::int32_t>(which)" : "which";
  }

  /// A switch over the discriminant: the lines for each arm, and the one for a value without any.
  void choose(const std::string& otherwise, auto lines_for) {
    out_.line("switch (" + subject() + ") {");
    out_.in();
    for (std::size_t i = 0; i < arms_.size(); ++i) {
      for (const auto& label : arms_[i].labels) out_.line("case " + label + ":");
      if (arms_[i].is_default) out_.line("default:");
      out_.in();
      lines_for(std::to_string(i));
      out_.out();
    }
    if (std::ranges::none_of(arms_, &arm::is_default)) {
      out_.line("default:");
      out_.in();
      out_.line(otherwise);
      out_.out();
    }
    out_.out();
    out_.line("}");
  }

  void select() {
    out_.line("bool xdr_select(" + type_ + " which) {");
    out_.in();
    choose("return false;", [this](const std::string& number) {
      out_.line("arm_.emplace<" + number + ">();");
      out_.line("break;");
    });
    out_.line("discriminant_ = which;");
    out_.line("return true;");
    out_.out();
    out_.line("}");
  }

  void visit_arm() {
    const bool any = std::ranges::any_of(arms_, [](const auto& one) { return !one.name.empty(); });
    out_.line("template <class Self, class Visit>");
    if (!any) {
      out_.line("static constexpr void xdr_arm(Self&, Visit&&) {}");
      return;
    }
    out_.line("static constexpr void xdr_arm(Self& self, Visit&& visit) {");
    out_.in();
    out_.line("switch (self.arm_.index()) {");
    out_.in();
    for (std::size_t i = 0; i < arms_.size(); ++i) {
      if (arms_[i].name.empty()) continue;
      const auto number = std::to_string(i);
      out_.line("case " + number + ":");
      out_.in();
      std::vector<std::string> arguments{"\"" + what_.arms[i].name + "\"",
                                         "*std::get_if<" + number + ">(&self.arm_)"};
      if (!arms_[i].description.empty()) arguments.push_back(arms_[i].description + "{}");
      out_.list("return visit(", arguments, ");");
      out_.out();
    }
    out_.out();
    out_.line("}");
    out_.out();
    out_.line("}");
  }

  void visit_each() {
    out_.line("template <class Visit>");
    out_.line("static constexpr void xdr_each_arm(Visit&& visit) {");
    out_.in();
    for (const auto& next : arms_) {
      std::vector<std::string> arguments{"tryst::xdr::type<" +
                                         (next.name.empty() ? "void" : next.kept) + ">{}"};
      if (!next.description.empty()) arguments.push_back(next.description + "{}");
      out_.list("visit(", arguments, ");");
    }
    out_.out();
    out_.line("}");
  }

  void storage() {
    if (has_shared()) {
      out_.line("static constexpr int xdr_index(" + type_ + " which) {");
      out_.in();
      choose("return -1;",
             [this](const std::string& number) { out_.line("return " + number + ";"); });
      out_.out();
      out_.line("}");
      out_.blank();
    }
    // The first arm that does not contain the union again.
    const auto first = static_cast<std::size_t>(
        std::ranges::find(what_.arms, false, &idl::arm::indirect) - what_.arms.begin());
    if (keeps_) out_.line(type_ + " discriminant_ = " + value_of(first) + ";");
    std::vector<std::string> held;
    for (const auto& next : arms_) held.push_back(next.name.empty() ? "std::monostate" : next.kept);
    const std::string name =
        first == 0 ? "arm_;" : "arm_{std::in_place_index<" + std::to_string(first) + ">};";
    std::size_t width = 14 + 2 + name.size();
    for (const auto& next : held) width += next.size() + 2;
    if (width <= line_width - out_.indent() + 2) {
      out_.list("std::variant<", held, "> " + name);
      return;
    }
    out_.list("std::variant<", held, ">");
    out_.in();
    out_.in();
    out_.line(name);
    out_.out();
    out_.out();
  }

  cpp_text& out_;
  const cpp_types& types_;
  const cpp_names& names_;
  const idl::model& model_;
  idl::definition_index index_;
  const idl::union_& what_;
  const std::string& space_;
  bool view_;
  const idl::definition& definition_;
  local_names members_;
  std::vector<arm> arms_;
  std::vector<std::string> setters_;
  std::string discriminant_;
  std::string select_;
  std::string type_;
  bool is_bool_ = false;
  bool is_enum_ = false;
  bool casts_ = false;
  bool keeps_ = false;
};

}  // namespace

void write_union(cpp_text& out, const cpp_types& types, idl::definition_index index,
                 const idl::union_& what, const std::string& space, bool view) {
  union_writer{out, types, index, what, space, view}.write();
}

}  // namespace tryst::compiler
