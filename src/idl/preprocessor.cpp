#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <tryst/idl/expression.hpp>
#include <tryst/idl/preprocessor.hpp>

#include "idl/macro.hpp"

namespace tryst::idl {
namespace {

constexpr std::size_t deepest_include = 64;
constexpr std::size_t most_includes = 10'000;
// Macros and repeated inclusion multiply a text: a small one shall not cost gigabytes. A text that
// is read once has about a word for every five bytes.
constexpr std::size_t words_of_any_text = 32'768;
constexpr std::size_t words_per_byte = 4;

std::uint32_t width(const token& what) { return static_cast<std::uint32_t>(what.text.size()); }

class processor {
public:
  processor(const preprocess_options& options, sources& texts, diagnostics& report)
      : options_{options},
        texts_{texts},
        report_{report},
        expander_{macros_, texts, report, most_words_} {}

  preprocessed run(const std::string& path) {
    predefine();
    if (!open(path)) {
      const auto file = texts_.add(path, "");
      report_.error({file, 0}, 0, "cannot read " + quote(path));
      finish({file, 0});
      return std::move(result_);
    }
    for (auto at = options_.before.rbegin(); at != options_.before.rend(); ++at) {
      if (!open(*at)) report_.error({top().file, 0}, 0, "cannot read " + quote(*at));
    }
    while (!frames_.empty() && !stopped_) step();
    finish(last_);
    return std::move(result_);
  }

private:
  struct condition {
    location where;
    bool active = false;  // the lines of this branch are read
    bool taken = false;   // a branch has been read
    bool outer = false;   // the lines around it are read
    bool had_else = false;
  };
  struct frame {
    std::string path;
    std::uint32_t file = 0;
    std::shared_ptr<const token_list> list;
    std::size_t at = 0;
    std::size_t comments_taken = 0;
    location included_from;
    std::vector<condition> conditions;
  };
  using directive = std::vector<token>;

  frame& top() { return frames_.back(); }
  const token& peek() { return top().list->tokens[top().at]; }
  bool active() { return top().conditions.empty() || top().conditions.back().active; }

  void predefine() {
    std::vector<std::pair<std::string, std::string>> all{{"RPC_HDR", "1"}, {"TRYST_GEN", "1"}};
    all.insert(all.end(), options_.define.begin(), options_.define.end());
    for (const auto& [name, value] : all) {
      if (std::ranges::find(options_.undefine, name) != options_.undefine.end()) continue;
      const auto file = texts_.add("<command line>", value);
      auto list = tokenize(texts_, file, report_);
      list.tokens.pop_back();
      macros_[name] = {name, false, {}, std::move(list.tokens), {file, 0}, 0};
    }
  }

  bool open(const std::string& path, location from = {}) {
    auto& cached = cache_[path];
    if (!cached.list) {
      auto text = options_.load(path);
      if (!text) {
        cache_.erase(path);
        return false;
      }
      most_words_ += words_per_byte * text->size();
      cached.file = texts_.add(path, std::move(*text));
      cached.list = std::make_shared<const token_list>(tokenize(texts_, cached.file, report_));
      result_.files.push_back(path);
    }
    frames_.push_back({path, cached.file, cached.list, 0, 0, from, {}});
    return true;
  }

  void close() {
    for (const auto& open : top().conditions) {
      report_.error(open.where, 1, "this #if has no #endif").hint = "add #endif";
    }
    last_ = peek().where;
    take_comments(peek());
    frames_.pop_back();
  }

  void finish(location where) {
    token end;
    end.where = where;
    end.first_on_line = true;
    end.comments = static_cast<std::uint32_t>(result_.comments.size());
    result_.tokens.push_back(end);
  }

  /// Comments that stand before `next` in lines that are read.
  void take_comments(const token& next) {
    for (; top().comments_taken < next.comments; ++top().comments_taken) {
      if (!charge(next.where)) return;
      result_.comments.push_back(top().list->comments[top().comments_taken]);
    }
  }
  void skip_comments(const token& next) {
    top().comments_taken = std::max<std::size_t>(top().comments_taken, next.comments);
  }

  void step() {
    const token next = peek();
    if (next.kind == token_kind::end) return close();
    if (next.first_on_line && next.is("#")) {
      if (active()) {
        take_comments(next);
      } else {
        skip_comments(next);
      }
      return handle(read_directive());
    }
    if (!active()) {
      skip_comments(next);
      ++top().at;
      return;
    }
    take_comments(next);
    if (next.kind == token_kind::pass_through) {
      pass_through(next);
      ++top().at;
      return;
    }
    replace_and_keep();
  }

  /// One more word, comment or line of the result; false: there are too many.
  bool charge(location where) {
    if (++words_ <= most_words_) return true;
    if (!stopped_) {
      const auto most = std::to_string(most_words_);
      report_.error(where, 1, "macros and repeated inclusion make more than " + most + " words")
          .hint = "four for each byte of the interface's files are allowed";
    }
    stopped_ = true;
    return false;
  }

  void pass_through(const token& line) {
    if (!charge(line.where)) return;
    pass_through_line kept{line.text, line.where, {}, {}};
    diagnostics nobody;
    const auto file = texts_.add("%", std::string{line.text});
    const auto list = tokenize(texts_, file, nobody);
    const auto& words = list.tokens;
    if (words.size() > 4 && words[0].is("#") && words[1].is("define") &&
        !(words[3].is("(") && !words[3].after_space)) {
      std::size_t used = 0;
      auto value =
          read_expression(std::span{words}.subspan(3), used, expression_place::constant, nobody);
      if (value && used + 4 == words.size()) {
        kept.define_name = words[2].text;
        kept.define_value = std::move(value);
      }
    }
    result_.pass_through.push_back(std::move(kept));
  }

  void replace_and_keep() {
    token_source in{[this]() -> const token& { return peek(); }, [this] { ++top().at; }};
    do {
      token found = expander_.next(in);
      if (found.kind == token_kind::end) break;
      found.comments = static_cast<std::uint32_t>(result_.comments.size());
      if (!charge(found.where)) return;
      result_.tokens.push_back(found);
    } while (expander_.midway());
  }

  /// The tokens of a line that begins with #, without the #.
  directive read_directive() {
    directive line;
    ++top().at;
    while (peek().kind != token_kind::end && !peek().first_on_line) {
      line.push_back(peek());
      ++top().at;
    }
    skip_comments(line.empty() ? peek() : line.back());
    return line;
  }

  void handle(const directive& line) {
    if (line.empty()) return;
    const token& word = line.front();
    if (word.is("ifdef") || word.is("ifndef")) return open_name_condition(line);
    if (word.is("if")) {
      const bool outer = active();
      const bool holds = outer && evaluate_condition(line);
      top().conditions.push_back({word.where, holds, holds, outer, false});
      return;
    }
    if (word.is("elif") || word.is("else") || word.is("endif")) return continue_condition(line);
    if (!active()) return;
    if (word.is("define")) return define(line);
    if (word.is("undef")) {
      if (line.size() > 1) macros_.erase(std::string{line[1].text});
      return;
    }
    if (word.is("include")) return include(line);
    if (word.is("line") || word.kind == token_kind::number) return remap(line);
    if (word.is("error") || word.is("warning")) {
      const auto level = word.is("error") ? severity::error : severity::warning;
      report_.report(level, word.where, width(word), std::string{texts_.line_at(word.where)});
      return;
    }
    if (word.is("pragma") || word.is("ident")) {
      report_.note(word.where, width(word), "#" + std::string{word.text} + " is ignored");
      return;
    }
    static const std::vector<std::string_view> known{"include", "define", "undef", "if",
                                                     "ifdef",   "ifndef", "elif",  "else",
                                                     "endif",   "error",  "line",  "warning"};
    const auto meant = nearest(word.text, known);
    auto& said =
        report_.error(word.where, width(word), "#" + std::string{word.text} + " is no directive");
    if (!meant.empty()) said.hint = "did you mean #" + std::string{meant} + "?";
  }

  void open_name_condition(const directive& line) {
    const bool outer = active();
    bool holds = false;
    if (line.size() < 2) {
      if (outer) {
        report_.error(line[0].where, width(line[0]),
                      "#" + std::string{line[0].text} + " needs the name of a macro");
      }
    } else {
      holds = macros_.contains(line[1].text) == line[0].is("ifdef");
    }
    top().conditions.push_back({line[0].where, outer && holds, outer && holds, outer, false});
  }

  void continue_condition(const directive& line) {
    const token& word = line.front();
    if (top().conditions.empty()) {
      report_.error(word.where, width(word), "#" + std::string{word.text} + " without an #if");
      return;
    }
    auto& open = top().conditions.back();
    if (word.is("endif")) {
      top().conditions.pop_back();
      return;
    }
    if (open.had_else) {
      report_.error(word.where, width(word), "#" + std::string{word.text} + " after #else")
          .remarks.push_back({open.where, "this #if has had its #else"});
    }
    if (word.is("else")) {
      open.had_else = true;
      open.active = open.outer && !open.taken;
    } else {
      open.active = open.outer && !open.taken && evaluate_condition(line);
    }
    open.taken = open.taken || open.active;
  }

  bool evaluate_condition(const directive& line) {
    std::vector<token> plain;
    for (std::size_t i = 1; i < line.size(); ++i) {
      if (!line[i].is("defined")) {
        plain.push_back(line[i]);
        continue;
      }
      const bool parenthesis = i + 1 < line.size() && line[i + 1].is("(");
      const std::size_t name = i + (parenthesis ? 2 : 1);
      token value = line[i];
      value.kind = token_kind::number;
      value.text = name < line.size() && macros_.contains(line[name].text) ? "1" : "0";
      plain.push_back(value);
      i = parenthesis && name + 1 < line.size() && line[name + 1].is(")") ? name + 1 : name;
    }
    auto replaced = expander_.expand(plain);
    if (replaced.empty()) {
      report_.error(line[0].where, width(line[0]),
                    "#" + std::string{line[0].text} + " needs a condition");
      return false;
    }
    token end;
    end.where = line.back().where;
    replaced.push_back(end);
    std::size_t used = 0;
    const auto what = read_expression(replaced, used, expression_place::condition, report_);
    if (!what) return false;
    if (used + 1 < replaced.size()) {
      report_.error(replaced[used].where, width(replaced[used]),
                    quote(replaced[used].text) + " does not continue the condition");
      return false;
    }
    const auto value = evaluate(*what, [](const auto&) { return integer{}; }, report_);
    return value && value->magnitude != 0;
  }

  void define(const directive& line) {
    if (line.size() < 2 || line[1].kind != token_kind::identifier) {
      report_.error(line[0].where, width(line[0]), "#define needs a name");
      return;
    }
    macro made{std::string{line[1].text}, false, {}, {}, line[1].where, 0};
    std::size_t at = 2;
    if (at < line.size() && line[at].is("(") && !line[at].after_space) {
      made.takes_arguments = true;
      for (++at; at < line.size() && !line[at].is(")"); ++at) {
        if (line[at].kind == token_kind::identifier) {
          made.parameters.push_back(line[at].text);
        } else if (!line[at].is(",")) {
          report_.error(line[at].where, width(line[at]), "a parameter of a macro is a name");
          return;
        }
      }
      ++at;
    }
    for (; at < line.size(); ++at) made.body.push_back(line[at]);
    const auto earlier = macros_.find(made.name);
    if (earlier != macros_.end()) {
      if (earlier->second.busy != 0) return;
      const auto same = [](const token& a, const token& b) { return a.text == b.text; };
      if (!std::ranges::equal(earlier->second.body, made.body, same)) {
        report_.warning(made.where, width(line[1]), "macro '" + made.name + "' is defined anew")
            .remarks.push_back({earlier->second.where, "the earlier definition is here"});
      }
      earlier->second = std::move(made);
    } else {
      macros_.emplace(made.name, std::move(made));
    }
  }

  /// `# 12 "file"` or `#line 12 "file"`.
  void remap(const directive& line) {
    const std::size_t at = line[0].is("line") ? 1 : 0;
    const auto number = at < line.size() ? parse_number(line[at].text) : std::nullopt;
    if (!number || !number->fits_int32()) {
      report_.error(line[0].where, width(line[0]), "a line marker needs the number of a line");
      return;
    }
    std::string name;
    if (at + 1 < line.size() && line[at + 1].kind == token_kind::string) {
      name = line[at + 1].text.substr(1, line[at + 1].text.size() - 2);
    }
    texts_.remap(line[0].where, static_cast<std::uint32_t>(number->magnitude), std::move(name));
  }

  void include(directive line) {
    const token word = line[0];
    if (line.size() > 1 && line[1].kind == token_kind::identifier) {
      line.erase(line.begin());
      line = expander_.expand(line);
      line.insert(line.begin(), word);
    }
    std::string name;
    bool quoted = false;
    if (line.size() > 1 && line[1].kind == token_kind::string) {
      name = line[1].text.substr(1, line[1].text.size() - 2);
      quoted = true;
    } else if (line.size() > 2 && line[1].is("<")) {
      const auto text = texts_.line_at(line[1].where);
      const auto first = text.find('<');
      const auto last = text.find('>');
      if (last != text.npos && last > first) name = text.substr(first + 1, last - first - 1);
    }
    if (name.empty()) {
      report_.error(word.where, width(word), "#include needs \"file\" or <file>");
      return;
    }
    enter(name, quoted, line[1]);
  }

  void enter(const std::string& name, bool quoted, const token& place) {
    if (frames_.size() >= deepest_include) {
      auto& said = report_.error(place.where, width(place), "includes are nested too deep");
      for (std::size_t i = frames_.size() - 1; i > frames_.size() - 4; --i) {
        said.remarks.push_back(
            {frames_[i].included_from, "'" + frames_[i].path + "' comes in here"});
      }
      said.hint = "a file that includes itself needs #ifndef around its text";
      stopped_ = true;
      return;
    }
    std::vector<std::string> tried;
    if (name.starts_with('/')) {
      tried.push_back(name);
    } else {
      if (quoted) {
        const auto folder = std::filesystem::path{top().path}.parent_path();
        tried.push_back((folder / name).lexically_normal().string());
      }
      for (const auto& folder : options_.folders) {
        tried.push_back((std::filesystem::path{folder} / name).lexically_normal().string());
      }
    }
    for (const auto& path : tried) {
      if (++includes_ > most_includes) {
        report_.error(place.where, width(place), "more than 10000 files are included");
        stopped_ = true;
        return;
      }
      if (open(path, place.where)) return;
    }
    if (!quoted) {
      // <rpc/types.h> and its like: C that means nothing here, and no .x file misses it.
      report_.note(place.where, width(place), "<" + name + "> is not found and left out");
      return;
    }
    auto& said = report_.error(place.where, width(place), "cannot find \"" + name + "\"");
    said.hint = "add its folder with -I";
    if (!name.ends_with(".x")) {
      said.hint += ", or write %#include if it is a header of C that this interface does not need";
    }
  }

  const preprocess_options& options_;
  sources& texts_;
  diagnostics& report_;
  std::size_t most_words_ = words_of_any_text;
  std::size_t words_ = 0;
  macro_table macros_;
  macro_expander expander_;
  struct cached_file {
    std::uint32_t file = 0;
    std::shared_ptr<const token_list> list;
  };
  std::map<std::string, cached_file, std::less<>> cache_;
  std::vector<frame> frames_;
  preprocessed result_;
  location last_;
  std::size_t includes_ = 0;
  bool stopped_ = false;
};

}  // namespace

preprocessed preprocess(const std::string& path, const preprocess_options& options, sources& texts,
                        diagnostics& report) {
  return processor{options, texts, report}.run(path);
}

}  // namespace tryst::idl
