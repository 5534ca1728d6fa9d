#include <algorithm>

#include "idl/checker.hpp"

namespace tryst::idl {
namespace {

std::uint32_t width(std::string_view text) { return static_cast<std::uint32_t>(text.size()); }

/// RFC 5531 §13: who gives out which program numbers; null where a program may have its own.
const char* reserved_for(std::uint64_t program) {
  if (program == 0) return "number 0 is reserved";
  if (program >= 0x60000000) return "numbers from 0x60000000 on are reserved";
  return nullptr;
}

/// 20s, 500ms, 2min: in milliseconds.
std::optional<std::uint32_t> milliseconds(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto value = parse_number(text.substr(0, digits));
  if (!value || value->magnitude > 0xffffffffU) return std::nullopt;
  const auto unit = text.substr(digits);
  const std::uint64_t factor = unit == "ms" ? 1 : unit == "s" ? 1000 : unit == "min" ? 60000 : 0;
  const std::uint64_t result = value->magnitude * factor;
  if (result == 0 || result > 0xffffffffU) return std::nullopt;
  return static_cast<std::uint32_t>(result);
}

}  // namespace

std::optional<number> checker::unsigned_number(const expression& what, std::string_view of_what,
                                               const place& at) {
  const auto value = compute(what, at);
  if (!value) return std::nullopt;
  if (!value->value.fits_uint32()) {
    // RFC 5531 §12.3: they are unsigned constants.
    report_.error(what.where, what.length,
                  "the number of a " + std::string{of_what} +
                      " is from 0 to 4294967295, and this is " + to_string(value->value));
    return std::nullopt;
  }
  return value;
}

void checker::annotate(procedure& made, const syntax::procedure& from) {
  for (const auto& note : from.about.annotations) {
    const auto& word = note.name.text;
    if (word == "max_wait") {
      const auto wait = milliseconds(note.value);
      if (!wait) {
        report_.error(note.name.where, note.name.length(), "max_wait needs a time").hint =
            "for example max_wait=20s; there are ms, s and min";
      }
      made.max_wait_ms = wait.value_or(0);
    } else if (word == "max_pending") {
      const auto most = parse_number(note.value);
      if (!most || most->magnitude == 0 || most->magnitude > 0xffffffffU) {
        report_.error(note.name.where, note.name.length(), "max_pending needs a number").hint =
            "for example max_pending=64";
      } else {
        made.max_pending = static_cast<std::uint32_t>(most->magnitude);
      }
    } else if (!note.value.empty()) {
      report_.error(note.name.where, note.name.length(), quote(word) + " takes no value");
    } else if (word == "idempotent") {
      made.idempotent = true;
    } else if (word == "once") {
      made.once = true;
    } else if (word == "oneway") {
      made.oneway = true;
      if (!from.result.is_void()) {
        // RFC 5531 §8: a batched call has no reply that could carry a result.
        report_.error(from.result.type.where, from.result.type.length,
                      "a oneway procedure has no reply, so its result is void");
      }
    } else if (word == "acknowledged") {
      made.acknowledged = true;
      if (!from.result.is_void()) {
        report_.error(
            from.result.type.where, from.result.type.length,
            "an acknowledged send is answered before it is serviced, so its result is void");
      }
    } else {
      report_.error(note.name.where, note.name.length(), quote(word) + " does not belong here")
          .hint =
          "of a procedure idempotent, once, oneway, acknowledged, max_wait=TIME and "
          "max_pending=NUMBER can be said";
    }
    if (made.oneway && made.acknowledged && (word == "oneway" || word == "acknowledged")) {
      report_.error(note.name.where, note.name.length(),
                    "a procedure that is oneway has no answer that could acknowledge it");
    }
    if (made.idempotent && made.once && (word == "idempotent" || word == "once")) {
      report_.error(note.name.where, note.name.length(),
                    "a procedure that may run twice is not one that must run once");
    }
  }
}

procedure checker::make_procedure(const syntax::procedure& from, const place& at) {
  procedure made;
  made.name = from.name.text;
  made.where = from.name.where;
  made.about = document(from.about);
  made.value = unsigned_number(from.number, "procedure", at).value_or(number{});
  const auto use = [&](const syntax::declaration& what) -> type_index {
    if (what.type.has_body()) {
      report_.error(what.type.where, what.type.length, "a type cannot be defined here").hint =
          "define it before the program, and use its name here";
      return 0;
    }
    return type_of(what, at);
  };
  made.result = use(from.result);
  for (const auto& next : from.arguments) {
    for (const auto& other : made.arguments) {
      if (!next.name.text.empty() && other.name == next.name.text) {
        report_.error(next.name.where, next.name.length(),
                      "there are two arguments " + quote(next.name.text));
      }
    }
    made.arguments.push_back({next.name.text, use(next)});
  }
  annotate(made, from);
  return made;
}

void checker::fill_program(definition_index index, const syntax::program& from) {
  program made;
  const place at = place_of(index);
  made.value = unsigned_number(from.number, "program", at).value_or(number{});
  for (const auto& note : from.versions) {
    for (const auto& stray : note.about.annotations) {
      report_.error(stray.name.where, stray.name.length(), "a version has no annotations");
    }
  }
  if (const auto* reserved = reserved_for(made.value.value.magnitude)) {
    report_
        .warning(from.number.where, from.number.length,
                 "this is no number that a program may have: " + std::string{reserved})
        .hint = "0x20000000 to 0x3fffffff are for programs of one site (RFC 5531 §13)";
  }
  for (definition_index i = 0; i < index; ++i) {
    const auto& other = out_.definitions[i];
    const auto* earlier = std::get_if<program>(&other.what);
    if (earlier != nullptr && !other.import && earlier->value.value == made.value.value) {
      report_.warning(from.name.where, from.name.length(), "two programs have this number")
          .remarks.push_back({other.where, "the first one is here"});
    }
  }
  for (const auto& next : from.versions) {
    version added;
    added.name = next.name.text;
    added.where = next.name.where;
    added.about = document(next.about);
    added.value = unsigned_number(next.number, "version", at).value_or(number{});
    for (const auto& other : made.versions) {
      if (other.name == added.name) twice(added.name, added.where, other.where);
      if (other.value.value != added.value.value) continue;
      report_
          .error(next.number.where, next.number.length,
                 "this program has a version " + to_string(added.value.value) + " already")
          .remarks.push_back({other.where, "it is here"});
    }
    std::map<std::string_view, location> names;
    std::map<std::uint64_t, location> numbers;
    for (const auto& one : next.procedures) {
      added.procedures.push_back(make_procedure(one, at));
      const auto& value = added.procedures.back().value.value;
      const auto [name, new_name] = names.emplace(one.name.text, one.name.where);
      if (!new_name) twice(one.name.text, one.name.where, name->second);
      const auto [number, new_number] = numbers.emplace(value.magnitude, one.name.where);
      if (!new_number) {
        report_
            .error(one.number.where, one.number.length,
                   "this version has a procedure " + to_string(value) + " already")
            .remarks.push_back({number->second, "it is here"});
      }
    }
    made.versions.push_back(std::move(added));
  }
  if (made.versions.empty()) {
    report_.error(from.name.where, width(from.name.text), "a program needs at least one version");
  }
  out_.definitions[index].what = std::move(made);
}

}  // namespace tryst::idl
