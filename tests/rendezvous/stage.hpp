// Where the tests of the rendezvous play: a loop without a thread, on which modules and their
// callers run step by step. Declared after the modules, so that it can end their processes before
// they go.
#pragma once

#include <concepts>
#include <tryst/rendezvous/module.hpp>
#include <tryst/task.hpp>
#include <tryst/testing/manual_loop.hpp>
#include <utility>
#include <vector>

namespace tryst::rendezvous_test {

class stage {
public:
  /// Of modules that may have processes or callers waiting in the end, begun by run() or begin().
  template <std::derived_from<module>... Modules>
  explicit stage(Modules&... modules) : modules_{&modules...} {}
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;
  /// Closes the modules, so that no process is left in a statement.
  ~stage() {
    ending_ = true;
    for (module* m : modules_) m->close();
    loop_.run_until_idle();
  }

  /// A module whose process runs until the test ends.
  void start(module& m, task<> process) {
    modules_.push_back(&m);
    m.start(loop_, std::move(process));
    loop_.run_until_idle();
  }

  /// A module whose procs run until the test ends.
  void start(module& m) {
    modules_.push_back(&m);
    m.start(loop_);
    loop_.run_until_idle();
  }

  /// Begins a coroutine, whose closure is kept, and plays until nothing moves.
  template <class F>
  void run(F f) {
    begin(std::move(f));
    loop_.run_until_idle();
  }

  /// Begins one that runs when something else is played.
  template <class F>
  void begin(F f) {
    spawn(loop_, keep(std::move(f)), [this](std::exception_ptr failure) {
      if (failure && !ending_) std::rethrow_exception(failure);
    });
  }

  void play() { loop_.run_until_idle(); }
  /// Moves the clock, and plays.
  void advance(loop::duration by) { loop_.advance(by); }
  loop& home() { return loop_; }

private:
  template <class F>
  static task<> keep(F f) {
    co_await f();
  }

  testing::manual_loop loop_;
  std::vector<module*> modules_;
  bool ending_ = false;
};

}  // namespace tryst::rendezvous_test
