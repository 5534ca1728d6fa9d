#include <algorithm>
#include <array>
#include <tryst/idl/parser.hpp>

#include "idl/token_cursor.hpp"

namespace tryst::idl {
namespace {

using namespace std::string_view_literals;

constexpr int deepest_nesting = 64;
constexpr int most_stars = 8;

constexpr std::array arithmetic{"unsigned"sv, "signed"sv, "short"sv, "long"sv,
                                "int"sv,      "char"sv,   "hyper"sv};

struct simple_type {
  std::string_view name;
  type_kind type;
};
constexpr std::array<simple_type, 7> simple_types{{{"void", type_kind::void_},
                                                   {"bool", type_kind::boolean},
                                                   {"float", type_kind::float32},
                                                   {"double", type_kind::float64},
                                                   {"quadruple", type_kind::quadruple},
                                                   {"string", type_kind::string},
                                                   {"opaque", type_kind::opaque}}};

class parser {
public:
  parser(const preprocessed& input, diagnostics& report) : in_{input, report} {}

  syntax::file run() {
    in_.read_top(file_.about);
    while (!in_.at_end() && !in_.report().full()) definition();
    in_.drop_comments();
    for (auto& found : in_.externs()) file_.definitions.push_back({std::move(found), {}, {}});
    return std::move(file_);
  }

private:
  // Definitions.

  void definition() {
    if (in_.take_if(";")) return;
    if (in_.at("}") && !name_space_.empty()) return close_namespace();
    syntax::remarks about;
    in_.read_before(about);
    try {
      if (in_.at("namespace")) return open_namespace();
      if (in_.at("const")) return constant(about);
      if (in_.at("typedef")) return type_definition(about);
      if (in_.at("program")) return program(about);
      if (in_.at("enum") || in_.at("struct") || in_.at("union")) return composite(about);
      static const std::vector<std::string_view> words{"const", "typedef", "enum",     "struct",
                                                       "union", "program", "namespace"};
      const auto meant = nearest(in_.peek().text, words);
      in_.fail("expected a definition, found " + quote(in_.peek().text),
               meant.empty() ? "a definition begins with const, typedef, enum, struct, union or "
                               "program"
                             : "did you mean " + std::string{meant} + "?");
    } catch (const syntax_error&) {
      in_.skip_definition();
    }
  }

  void add(auto what, syntax::remarks& about) {
    in_.read_behind(about);
    std::vector<std::string> place;
    for (const auto& part : name_space_) place.insert(place.end(), part.begin(), part.end());
    file_.definitions.push_back({std::move(what), std::move(place), std::move(about)});
    about = {};
  }

  void open_namespace() {
    in_.take();
    std::vector<std::string> parts;
    do {
      parts.push_back(in_.expect_name("a namespace").text);
    } while (in_.take_if("::"));
    in_.expect("{", "the name of a namespace");
    if (name_space_.size() >= deepest_nesting) in_.fail("namespaces are nested too deep");
    name_space_.push_back(std::move(parts));
  }
  void close_namespace() {
    in_.take();
    in_.take_if(";");
    name_space_.pop_back();
  }

  void constant(syntax::remarks& about) {
    in_.take();
    do {
      syntax::constant made;
      made.name = in_.expect_name("a constant");
      in_.expect("=", "the name of a constant");
      if (in_.peek().kind == token_kind::string) {
        made.text = in_.take().text;
      } else {
        made.value = in_.read_constant(expression_place::constant);
      }
      if (in_.at(",")) {
        add(std::move(made), about);
        continue;
      }
      in_.expect_semicolon("a constant");
      add(std::move(made), about);
      return;
    } while (in_.take_if(","));
  }

  void type_definition(syntax::remarks& about) {
    in_.take();
    auto made = declaration("a type", true);
    const auto shared = made.type;
    while (in_.take_if(",")) {
      add(made, about);
      made = declarator(shared, "a type", true);
    }
    in_.expect_semicolon("a typedef");
    add(std::move(made), about);
  }

  void composite(syntax::remarks& about) {
    const token& keyword = in_.peek();
    auto made = type(&about);
    if (!made.has_body()) {
      if (in_.take_if(";")) return;  // struct x; says nothing here
      in_.fail("expected '{' after " + std::string{keyword.text} + " " + made.name.text);
    }
    if (made.name.text.empty())
      in_.fail_at(keyword, "this " + std::string{keyword.text} + " has no name");
    in_.expect_semicolon("a definition");
    std::visit(
        [&](auto& body) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(body)>, std::monostate>) {
            add(std::move(*body), about);
          }
        },
        made.body);
  }

  // Types and declarations.

  syntax::type_specifier type(syntax::remarks* about = nullptr) {
    syntax::type_specifier made;
    in_.take_if("::");
    const token& first = in_.peek();
    made.where = first.where;
    made.length = static_cast<std::uint32_t>(first.text.size());
    if (first.kind != token_kind::identifier) {
      in_.fail("expected a type, found " + quote(first.text));
    }
    if (is_arithmetic(first)) {
      made.basic = number_type();
      return made;
    }
    if (in_.at("struct") || in_.at("enum") || in_.at("union")) {
      if (++depth_ > deepest_nesting) in_.fail("types are nested too deep");
      with_keyword(made, about);
      --depth_;
      return made;
    }
    in_.take();
    const auto* simple = std::ranges::find(simple_types, first.text, &simple_type::name);
    if (simple != simple_types.end()) {
      made.basic = simple->type;
    } else {
      made.name = {std::string{first.text}, first.where};
      while (in_.at("::") && in_.peek(1).kind == token_kind::identifier) {
        in_.take();
        made.name.text += "::" + std::string{in_.take().text};
      }
    }
    return made;
  }

  static bool is_arithmetic(const token& what) {
    return what.kind == token_kind::identifier &&
           std::ranges::find(arithmetic, what.text) != arithmetic.end();
  }

  /// `unsigned`, `long int`, `int unsigned` and all the other forms of C.
  type_kind number_type() {
    bool is_unsigned = false;
    bool is_signed = false;
    int longs = 0;
    std::string_view base;
    bool is_short = false;
    while (is_arithmetic(in_.peek())) {
      const auto word = in_.peek().text;
      const bool is_base = word == "char" || word == "hyper" || word == "int";
      // `int hyper;` is a member whose name is hyper.
      if (is_base && !base.empty()) break;
      if ((word == "short" || word == "long") && (base == "char" || base == "hyper")) break;
      in_.take();
      if (word == "unsigned") is_unsigned = true;
      if (word == "signed") is_signed = true;
      if (word == "short") is_short = true;
      if (word == "long") ++longs;
      if (is_base) base = word;
    }
    if ((is_unsigned && is_signed) || (is_short && longs != 0) || longs > 2 ||
        (base == "char" && (is_short || longs != 0))) {
      in_.fail_at(in_.previous(), "these words are not the name of one type");
    }
    if (base == "hyper" || longs == 2) return is_unsigned ? type_kind::uint64 : type_kind::int64;
    if (base == "char") return is_unsigned ? type_kind::uint8 : type_kind::int8;
    if (is_short) return is_unsigned ? type_kind::uint16 : type_kind::int16;
    return is_unsigned ? type_kind::uint32 : type_kind::int32;
  }

  void with_keyword(syntax::type_specifier& made, syntax::remarks* about) {
    const std::string keyword{in_.take().text};
    if (!in_.at("{") && !in_.at("switch")) made.name = in_.expect_name("a type");
    if (keyword == "union" && in_.at("switch")) {
      auto body = std::make_shared<syntax::union_>();
      body->name = made.name;
      union_body(*body, about);
      made.body = std::move(body);
    } else if (keyword == "union" && in_.at("{")) {
      in_.fail("a union needs its discriminant",
               "write: union " + made.name.text + " switch (int which) { case 1: ... };");
    } else if (keyword == "struct" && in_.at("{")) {
      auto body = std::make_shared<syntax::structure>();
      body->name = made.name;
      struct_body(*body, about);
      made.body = std::move(body);
    } else if (keyword == "enum" && in_.at("{")) {
      auto body = std::make_shared<syntax::enumeration>();
      body->name = made.name;
      enum_body(*body, about);
      made.body = std::move(body);
    }
  }

  void read_heading(syntax::remarks* about) {
    if (about == nullptr) return;
    syntax::remarks heading;
    in_.read_behind(heading);
    if (!heading.behind.empty()) about->before.push_back(heading.behind);
    about->annotations.insert(about->annotations.end(), heading.annotations.begin(),
                              heading.annotations.end());
  }

  /// All up to the `}`, one after the other: an error in one of them leaves the others.
  void body(const std::string& of_what, const std::string& end, syntax::remarks* about,
            auto read_one) {
    read_heading(about);
    while (!in_.at("}")) {
      if (in_.at_end()) {
        in_.fail("this " + of_what + " does not end", "add " + end + " where it should end");
      }
      if (in_.take_if(";")) continue;
      try {
        read_one();
      } catch (const syntax_error&) {
        in_.skip_statement();
      }
    }
    in_.drop_comments();
    in_.take();
  }

  void struct_body(syntax::structure& made, syntax::remarks* about) {
    in_.take();
    body("struct", "}", about, [&] { member(made); });
  }

  void member(syntax::structure& made) {
    syntax::remarks about;
    in_.read_before(about);
    auto next = declaration("a member", false);
    next.about = std::move(about);
    const auto shared = next.type;
    while (in_.take_if(",")) {
      made.members.push_back(std::move(next));
      next = declarator(shared, "a member", false);
    }
    in_.expect(";", "a member");
    in_.read_behind(next.about);
    made.members.push_back(std::move(next));
  }

  void enum_body(syntax::enumeration& made, syntax::remarks* about) {
    in_.take();
    read_heading(about);
    while (!in_.at("}")) {
      if (in_.at_end()) in_.fail("this enum does not end", "add } where it should end");
      syntax::enumerator next;
      in_.read_before(next.about);
      next.name = in_.expect_name("a value");
      if (in_.take_if("=")) next.value = in_.read_constant(expression_place::constant);
      const bool more = in_.take_if(",");
      if (!more && !in_.at("}")) {
        in_.fail("expected ',' or '}' after a value of an enum, found " + quote(in_.peek().text));
      }
      in_.read_behind(next.about);
      made.values.push_back(std::move(next));
    }
    in_.drop_comments();
    in_.take();
  }

  void union_body(syntax::union_& made, syntax::remarks* about) {
    in_.take();
    in_.expect("(", "switch");
    made.discriminant = declaration("a discriminant", false);
    in_.expect(")", "the discriminant");
    in_.expect("{", "the discriminant");
    body("union", "}", about, [&] { arm(made); });
  }

  void arm(syntax::union_& made) {
    syntax::arm next;
    in_.read_before(next.about);
    next.where = in_.peek().where;
    while (in_.at("case") || in_.at("default")) {
      if (in_.take().is("default")) {
        next.is_default = true;
      } else {
        do {
          next.labels.push_back(*in_.read_constant(expression_place::constant));
        } while (in_.take_if(","));
      }
      in_.expect(":", "a case");
      if (in_.at("case") || in_.at("default")) in_.read_behind(next.about);
    }
    if (next.labels.empty() && !next.is_default) {
      in_.fail("expected 'case' or 'default', found " + quote(in_.peek().text),
               "an arm of a union is one declaration; group several in a struct");
    }
    auto held = declaration("an arm", false);
    in_.expect(";", "an arm");
    in_.read_behind(next.about);
    if (!held.is_void()) next.member = std::move(held);
    made.arms.push_back(std::move(next));
  }

  syntax::declaration declaration(std::string_view of_what, bool is_typedef) {
    return declarator(type(), of_what, is_typedef);
  }

  syntax::declaration declarator(const syntax::type_specifier& of, std::string_view of_what,
                                 bool is_typedef) {
    syntax::declaration made;
    made.type = of;
    stars(made);
    if (made.is_void() && !is_typedef) {
      // rpcgen's users give even nothing a name.
      if (in_.peek().kind == token_kind::identifier) in_.take();
      return made;
    }
    made.name = in_.expect_name(of_what);
    suffixes(made);
    return made;
  }

  void stars(syntax::declaration& made) {
    while (in_.take_if("*")) {
      if (++made.stars > most_stars) in_.fail_at(in_.previous(), "too many stars");
    }
  }

  void suffixes(syntax::declaration& made) {
    while (in_.at("<") || in_.at("[")) {
      syntax::suffix next;
      next.where = in_.peek().where;
      next.variable = in_.take().is("<");
      const std::string_view close = next.variable ? ">" : "]";
      if (!in_.at(close)) next.bound = in_.read_constant(expression_place::bound);
      if (!next.variable && !next.bound) in_.fail("an array needs its size", "write x[8] or x<>");
      in_.expect(close, "a bound");
      made.suffixes.push_back(std::move(next));
      if (made.suffixes.size() > most_stars) in_.fail("too many dimensions");
    }
  }

  // Programs: RFC 5531 §12.2.

  void program(syntax::remarks& about) {
    in_.take();
    syntax::program made;
    made.name = in_.expect_name("a program");
    in_.expect("{", "the name of a program");
    read_heading(&about);
    while (!in_.at("}")) {
      if (in_.at_end())
        in_.fail("this program does not end", "add } = NUMBER; where it should end");
      made.versions.push_back(version());
    }
    in_.drop_comments();
    in_.take();
    in_.expect("=", "a program");
    made.number = *in_.read_constant(expression_place::constant);
    in_.expect_semicolon("a program");
    add(std::move(made), about);
  }

  syntax::version version() {
    syntax::version made;
    in_.read_before(made.about);
    in_.expect("version", "the beginning of a program");
    made.name = in_.expect_name("a version");
    in_.expect("{", "the name of a version");
    body("version", "} = NUMBER;", &made.about, [&] { made.procedures.push_back(procedure()); });
    in_.expect("=", "a version");
    made.number = *in_.read_constant(expression_place::constant);
    in_.expect(";", "a version");
    in_.read_behind(made.about);
    return made;
  }

  syntax::procedure procedure() {
    syntax::procedure made;
    in_.read_before(made.about);
    made.result.type = type();
    stars(made.result);
    suffixes(made.result);
    made.name = in_.expect_name("a procedure");
    in_.expect("(", "the name of a procedure");
    while (!in_.at(")")) {
      auto next = argument();
      if (!next.is_void()) made.arguments.push_back(std::move(next));
      if (!in_.take_if(",")) break;
    }
    in_.expect(")", "the arguments of a procedure");
    in_.expect("=", "a procedure");
    made.number = *in_.read_constant(expression_place::constant);
    in_.expect(";", "a procedure");
    in_.read_behind(made.about);
    return made;
  }

  syntax::declaration argument() {
    syntax::declaration made;
    made.type = type();
    stars(made);
    if (in_.peek().kind == token_kind::identifier) made.name = in_.expect_name("an argument");
    suffixes(made);
    return made;
  }

  token_cursor in_;
  syntax::file file_;
  std::vector<std::vector<std::string>> name_space_;
  int depth_ = 0;
};

}  // namespace

syntax::file parse(const preprocessed& input, diagnostics& report) {
  return parser{input, report}.run();
}

}  // namespace tryst::idl
