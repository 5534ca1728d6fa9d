#include "idl/macro.hpp"

#include <algorithm>

namespace tryst::idl {
namespace {

constexpr std::size_t most_arguments = 1000;
constexpr int most_depth = 64;

std::uint32_t width(const token& what) { return static_cast<std::uint32_t>(what.text.size()); }

}  // namespace

bool macro_expander::drop_finished(stack& pending) {
  while (!pending.empty() && pending.back().at == pending.back().tokens.size()) {
    if (pending.back().of != nullptr) --pending.back().of->busy;
    pending.pop_back();
  }
  return pending.empty();
}

const token& macro_expander::peek(stack& pending, token_source& in) {
  if (drop_finished(pending)) return in.peek();
  return pending.back().tokens[pending.back().at];
}

token macro_expander::pop(stack& pending, token_source& in) {
  const token found = peek(pending, in);
  if (pending.empty()) {
    if (found.kind != token_kind::end) in.drop();
  } else {
    ++pending.back().at;
  }
  return found;
}

bool macro_expander::charge(const token& name, std::size_t count) {
  const bool before = made_ > most_words_;
  made_ += count;
  if (made_ <= most_words_) return true;
  if (!before) {
    report_.error(name.where, width(name),
                  "macros grow to more than " + std::to_string(most_words_) + " words here");
  }
  return false;
}

token macro_expander::take(stack& pending, token_source& in, int depth) {
  for (;;) {
    token found = pop(pending, in);
    if (found.kind != token_kind::identifier || found.frozen) return found;
    const auto entry = macros_.find(found.text);
    if (entry == macros_.end()) return found;
    if (entry->second.busy != 0) {
      found.frozen = true;
      return found;
    }
    if (!begin(pending, entry->second, found, in, depth)) return found;
  }
}

bool macro_expander::begin(stack& pending, macro& found, const token& name, token_source& in,
                           int depth) {
  if (depth > most_depth || pending.size() > 1000) {
    report_.error(name.where, width(name), "macros are nested too deep here");
    return false;
  }
  argument_list arguments;
  if (found.takes_arguments) {
    if (!peek(pending, in).is("(")) return false;
    auto read = read_arguments(pending, name, in);
    if (!read) return false;
    arguments = std::move(*read);
    if (found.parameters.empty() && arguments.size() == 1 && arguments[0].empty()) {
      arguments.clear();
    }
    if (arguments.size() != found.parameters.size()) {
      auto& said = report_.error(name.where, width(name),
                                 "macro '" + found.name + "' takes " +
                                     std::to_string(found.parameters.size()) +
                                     " arguments and is given " + std::to_string(arguments.size()));
      said.remarks.push_back({found.where, "it is defined here"});
      return false;
    }
  }
  auto body = substitute(found, name, arguments, depth);
  if (!charge(name, body.size() + 1)) return false;
  pending.push_back({std::move(body), 0, &found});
  ++found.busy;
  return true;
}

std::optional<macro_expander::argument_list> macro_expander::read_arguments(stack& pending,
                                                                            const token& name,
                                                                            token_source& in) {
  pop(pending, in);
  argument_list arguments(1);
  int open = 0;
  std::size_t count = 0;
  for (;;) {
    const token next = pop(pending, in);
    if (next.kind == token_kind::end || arguments.size() > most_arguments ||
        ++count > most_words_) {
      report_.error(name.where, width(name), "the arguments of this macro do not end");
      return std::nullopt;
    }
    if (next.is("(")) ++open;
    if (next.is(")") && open-- == 0) return arguments;
    if (next.is(",") && open == 0) {
      arguments.emplace_back();
    } else {
      arguments.back().push_back(next);
    }
  }
}

token macro_expander::paste(const token& left, const token& right) {
  token result = left;
  const auto file = texts_.add(std::string{texts_.name(left.where.file)},
                               std::string{left.text} + std::string{right.text});
  result.text = texts_.text(file);
  const bool word = left.kind == token_kind::identifier || left.kind == token_kind::number;
  if (!word || !std::ranges::all_of(result.text, is_identifier_part)) {
    report_.error(left.where, 1, std::string{result.text} + ": ## does not make one word here");
  }
  return result;
}

std::vector<token> macro_expander::substitute(const macro& found, const token& name,
                                              const argument_list& arguments, int depth) {
  std::vector<token> body;
  const auto argument_of = [&](const token& word) -> const std::vector<token>* {
    const auto at = std::ranges::find(found.parameters, word.text);
    if (word.kind != token_kind::identifier || at == found.parameters.end()) return nullptr;
    return &arguments[static_cast<std::size_t>(at - found.parameters.begin())];
  };
  for (std::size_t i = 0; i < found.body.size(); ++i) {
    const token& word = found.body[i];
    const bool pastes = i + 2 < found.body.size() && found.body[i + 1].is("##");
    const auto* argument = argument_of(word);
    if (pastes) {
      token left = argument != nullptr && !argument->empty() ? argument->back() : word;
      while (i + 2 < found.body.size() && found.body[i + 1].is("##")) {
        const auto* second = argument_of(found.body[i + 2]);
        left = paste(left,
                     second != nullptr && !second->empty() ? second->front() : found.body[i + 2]);
        i += 2;
      }
      if (!charge(name, 1)) return body;
      body.push_back(left);
    } else if (argument != nullptr) {
      const auto replaced = expand(*argument, depth + 1);
      if (!charge(name, replaced.size())) return body;
      body.insert(body.end(), replaced.begin(), replaced.end());
    } else {
      body.push_back(word);
    }
  }
  for (auto& word : body) {
    word.where = name.where;
    word.from_macro = true;
    word.first_on_line = false;
    word.comments = name.comments;
  }
  if (!body.empty()) body.front().first_on_line = name.first_on_line;
  return body;
}

std::vector<token> macro_expander::expand(const std::vector<token>& tokens, int depth) {
  std::vector<token> result;
  static const token end;
  std::size_t at = 0;
  token_source in{[&]() -> const token& { return at < tokens.size() ? tokens[at] : end; },
                  [&] { ++at; }};
  stack pending;
  for (;;) {
    const token next = take(pending, in, depth);
    if (next.kind == token_kind::end) break;
    result.push_back(next);
  }
  drop_finished(pending);
  return result;
}

}  // namespace tryst::idl
