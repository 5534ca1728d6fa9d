// The oracle of deadlocks: when a seeded_loop has nothing left to do and processes have not ended,
// they wait for something that will not come. The report says who waits for whom, by the names that
// the test gave.
//
//   buffer b;
//   testing::quiescence end{l};     // after the modules: it closes them before they go
//   end.name(b, "buffer");
//   end.name(b.deposit, "deposit");
//   b.start(l.as("server"), b.server());
//   l.begin("producer", ...);
//   l.run();
//   end.check();
#pragma once

#include <map>
#include <string>
#include <tryst/rendezvous/inspection.hpp>
#include <tryst/rendezvous/module.hpp>
#include <tryst/testing/seeded_loop.hpp>
#include <vector>

namespace tryst {
class condition;
class semaphore;
template <class Signature>
class op_array;
}  // namespace tryst

namespace tryst::testing {

/// For the thread of its loop. Destroyed, it closes the modules and plays on until everybody has
/// left them, also after a failure; so it is declared after them. A module that it names must not
/// be named by another one at the same time.
class quiescence final : take_observer {
public:
  explicit quiescence(seeded_loop& of) noexcept : loop_{of} {}
  quiescence(const quiescence&) = delete;
  quiescence& operator=(const quiescence&) = delete;
  ~quiescence();

  /// What reports call a module, and what is in it.
  void name(module& m, std::string name);
  template <class Signature>
  void name(const op<Signature>& of, std::string name) {
    parts_[identity_of(of)] = std::move(name);
  }
  template <class Signature>
  void name(op_array<Signature>& of, const std::string& name) {
    parts_[&each(of).of] = name;
    for (std::size_t i = 0; i < of.size(); ++i) {
      parts_[identity_of(of[i])] = name + '[' + std::to_string(i) + ']';
    }
  }
  void name(const condition& of, std::string name);
  void name(const semaphore& of, std::string name);

  /// Throws check_failed with the report unless all processes that the loop began under a name have
  /// ended and no processes wait for each other. Those of the modules may wait for ever.
  void check() const;

  /// Who waits for whom at this moment, a line each: the processes that have not ended, what waits
  /// in each module, and the circles of those who wait for each other. A circle of one calls an
  /// operation that only itself services (rule I7).
  std::string report() const;

  /// The circles alone, each as "Plato -> right.take -> Kant -> left.take -> Plato". A process is
  /// in one if it has a name of its own: from begin(), or from start() on a loop of as().
  std::vector<std::string> circles() const;

private:
  class moment;
  struct named_module {
    module* which;
    std::string name;
  };
  struct take {
    const void* of;
    waiter servicer;
    std::uint64_t wakes;  // of the caller, then
  };

  void taken(const void* of, waiter caller, waiter servicer) noexcept override;

  seeded_loop& loop_;
  std::vector<named_module> modules_;
  std::map<const void*, std::string> parts_;
  std::map<waiter, take> takes_;  // the last of each caller
};

}  // namespace tryst::testing
