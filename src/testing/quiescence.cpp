#include <tryst/testing/quiescence.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <tryst/testing/explore.hpp>
#include <utility>

namespace tryst::testing {
namespace {

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

template <class Range, class Value, class Projection = std::identity>
bool has(const Range& range, const Value& value, Projection of = {}) {
  return std::ranges::find(range, value, of) != std::ranges::end(range);
}

/// What a process waits in, and for whom.
struct wait {
  std::string in;                    // "calls fork.take, which is queued"
  std::string of;                    // "fork.take"
  std::optional<waiter> for_whom{};  // the only one who could end it, if that is known
};

}  // namespace

// What was seen of all modules at a moment.
class quiescence::moment {
public:
  explicit moment(const quiescence& of) : of_{of} {
    for (const named_module& m : of.modules_) {
      seen_.push_back({m.name, inspect(*m.which)});
      add_waits(seen_.back());
    }
    for (const auto& [caller, take] : of.takes_) {
      if (of.loop_.wakes_of(caller) != take.wakes) continue;
      const std::string what = module_of(take.of) + part(take.of);
      waits_.insert_or_assign(
          caller, wait{.in = "calls " + what + ", which " + who(take.servicer) +
                             " has taken and not answered",
                       .of = what,
                       .for_whom = is_known(take.servicer) && !in_statement(take.servicer)
                                       ? std::optional{take.servicer}
                                       : std::nullopt});
    }
  }

  std::string processes() const {
    std::vector<std::string> lines;
    const std::vector<waiter> begun = of_.loop_.unfinished();
    for (const waiter p : begun) {
      if (!waits_.contains(p)) lines.push_back(who(p) + " waits for something else");
    }
    for (const auto& [p, w] : waits_) {
      if (has(begun, p) || !in_statement(p)) lines.push_back(who(p) + ' ' + w.in);
    }
    std::ranges::sort(lines);
    std::string text;
    for (const std::string& line : lines) text += "\n  " + line;
    return text;
  }

  std::string modules() const {
    std::string text;
    for (const seen_module& m : seen_) {
      const inspection& i = m.inside;
      for (const queue_inspection& q : i.queues) add_line(text, m.name, q.of, q.callers);
      for (const part_inspection& p : i.parts) add_line(text, m.name, p.of, p.waiting);
      for (const statement_inspection& s : i.statements) {
        text += "\n  " + m.name + ": " + who(s.servicer) + " waits in a statement for " + arms(s);
      }
      if (i.held) {
        text += "\n  " + m.name + ": " + who(i.holder) + " is inside";
        if (!i.entering.empty()) text += ", and these wait for it: " + all(i.entering);
      }
    }
    return text;
  }

  std::vector<std::string> circles() const {
    std::vector<std::string> all;
    std::vector<waiter> told;
    for (const auto& [start, unused] : waits_) {
      std::vector<waiter> path;
      std::optional<waiter> at = start;
      while (at && !has(path, *at)) {
        path.push_back(*at);
        const auto next = waits_.find(*at);
        at = next != waits_.end() ? next->second.for_whom : std::nullopt;
      }
      if (!at || has(told, *at)) continue;
      path.erase(path.begin(), std::ranges::find(path, *at));
      told.insert(told.end(), path.begin(), path.end());
      // It begins with the first in the alphabet, not with the one at the least address.
      std::ranges::rotate(path,
                          std::ranges::min_element(path, {}, [this](waiter p) { return who(p); }));
      at = path.front();
      std::string circle;
      for (const waiter p : path) circle += who(p) + " -> " + waits_.at(p).of + " -> ";
      all.push_back(circle + who(*at) + (path.size() == 1 ? " (rule I7)" : ""));
    }
    std::ranges::sort(all);
    return all;
  }

private:
  struct seen_module {
    std::string name;
    inspection inside;
  };

  std::string who(waiter w) const {
    if (w == nullptr) return "somebody";
    const std::string name = of_.loop_.name_of(w);
    return name.empty() ? "somebody without a name" : name;
  }
  bool is_known(waiter w) const { return w != nullptr && !of_.loop_.name_of(w).empty(); }

  std::string all(const std::vector<waiter>& waiting) const {
    std::vector<std::string> names;
    for (const waiter w : waiting) names.push_back(who(w));
    return listed(names);
  }

  std::string part(const void* of) const {
    const auto found = of_.parts_.find(of);
    return found != of_.parts_.end() ? found->second : "something without a name";
  }

  std::string module_of(const void* operation) const {
    for (const seen_module& m : seen_) {
      if (has(m.inside.queues, operation, &queue_inspection::of)) {
        return m.name + '.';
      }
    }
    return {};
  }

  bool in_statement(waiter w) const {
    return std::ranges::any_of(seen_, [w](const seen_module& m) {
      return has(m.inside.statements, w, &statement_inspection::servicer);
    });
  }

  std::string arms(const statement_inspection& s) const {
    std::vector<std::string> names;
    for (const auto& arm : s.arms) names.push_back(part(arm.of) + (arm.open ? "" : " (closed)"));
    return listed(names);
  }

  void add_line(std::string& text, const std::string& module_name, const void* of,
                const std::vector<waiter>& waiting) const {
    if (waiting.empty()) return;
    text += "\n  " + module_name + ": in " + part(of) + " wait " + all(waiting);
  }

  // The only process of a module that could service something, if it is not about to.
  std::optional<waiter> sole_servicer(const inspection& i) const {
    if (i.processes.size() != 1 || !is_known(i.processes.front())) return std::nullopt;
    const waiter servicer = i.processes.front();
    if (has(i.statements, servicer, &statement_inspection::servicer)) {
      return std::nullopt;
    }
    return servicer;
  }

  void add_waits(const seen_module& m) {
    const inspection& i = m.inside;
    const auto note = [this](const std::vector<waiter>& all, const wait& w) {
      for (const waiter p : all) {
        if (is_known(p)) waits_.insert_or_assign(p, w);
      }
    };
    for (const queue_inspection& q : i.queues) {
      const std::string what = m.name + '.' + part(q.of);
      note(q.callers, {"calls " + what + ", which is queued", what, sole_servicer(i)});
    }
    for (const part_inspection& p : i.parts) {
      const std::string what = m.name + '.' + part(p.of);
      const bool proc = p.kind == part_inspection::kind_of::proc;
      note(p.waiting, {(proc ? "calls " + what + ", which is queued" : "waits in " + what), what});
    }
    for (const statement_inspection& s : i.statements) {
      note({s.servicer}, {"waits in a statement of " + m.name + " for " + arms(s), m.name});
    }
    note(i.entering, {"waits for " + m.name + ", in which " + who(i.holder) + " is", m.name,
                      i.held && is_known(i.holder) ? std::optional{i.holder} : std::nullopt});
  }

  const quiescence& of_;
  std::vector<seen_module> seen_;
  std::map<waiter, wait> waits_;
};

quiescence::~quiescence() {
  for (const named_module& m : modules_) {
    observe(*m.which, nullptr);
    m.which->close();
  }
  loop_.finish();
}

void quiescence::name(module& m, std::string name) {
  modules_.push_back({&m, std::move(name)});
  observe(m, this);
}

void quiescence::name(const condition& of, std::string name) { parts_[&of] = std::move(name); }

void quiescence::name(const semaphore& of, std::string name) { parts_[&of] = std::move(name); }

void quiescence::taken(const void* of, waiter caller, waiter servicer) noexcept {
  if (caller != nullptr) takes_[caller] = {of, servicer, loop_.wakes_of(caller)};
}

std::vector<std::string> quiescence::circles() const { return moment{*this}.circles(); }

std::string quiescence::report() const {
  const moment now{*this};
  std::string text = now.processes() + now.modules();
  for (const std::string& circle : now.circles()) text += "\n  a circle: " + circle;
  return text;
}

void quiescence::check() const {
  if (loop_.unfinished().empty() && circles().empty()) return;
  throw check_failed{"nothing moves any more, and some wait for ever:" + report()};
}

}  // namespace tryst::testing
