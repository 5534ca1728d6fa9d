// Semaphores of a module (rule S12): what an operation without parameters is that is sent and
// received, kept as a number. Concurrent modules synchronise their procs with them.
//
//   co_await P(free);        the book's names; a thread says P(free).wait()
//   V(free);
//   free.send();             the same as an operation would spell it
//   co_await receive(free);
#pragma once

#include <cstddef>
#include <optional>
#include <stop_token>
#include <tryst/rendezvous/module.hpp>
#include <utility>

namespace tryst {

/// A count that never falls below zero. Units go to who waits, in the order of arrival, and never
/// past them. Any thread.
class semaphore final : detail::gate_part {
public:
  class receiving;

  /// One of `of`, whose close() ends the waits with errc::op_closed.
  semaphore(module* of, std::size_t initial) noexcept;
  /// Ends the waits with errc::op_closed.
  ~semaphore();

  /// V: adds a unit, or gives it to the first that waits. After close() nobody is there to take it.
  void send() noexcept;
  /// P: takes a unit, and waits for one if there is none. Throws call_error with errc::op_closed.
  receiving receive() noexcept;
  /// The same for who would not want the unit any more, such as a proc whose caller has gone:
  /// throws call_error with errc::cancelled when a stop is requested before there is one.
  receiving receive(std::stop_token unless) noexcept;
  /// Takes a unit if there is one, and nobody waits for it.
  [[nodiscard]] bool try_receive() noexcept;

  /// The units that are there: a moment's number.
  std::size_t pending() const noexcept;

private:
  bool take(receiving& r) noexcept;
  void stop(receiving& r) noexcept;
  void closed(detail::wakes& after) noexcept override;
  part_inspection inspected() const override;

  mutable std::mutex mutex_;  // guards what follows; taken after the gate's
  std::size_t units_;
  detail::entrant_list waiting_;
  bool closed_ = false;
};

class [[nodiscard]] semaphore::receiving final : detail::entrant {
public:
  bool await_ready() const noexcept { return false; }
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> receiver) noexcept {
    this->wait_as(receiver);
    return !begin();
  }
  void await_resume() {
    on_stop_.reset();
    if (refusal() != errc{}) throw call_error{make_error_code(refusal())};
  }
  /// Blocks this thread, which must run no loop, until it has a unit.
  void wait() {
    detail::parking here;
    this->wait_as(here);
    if (!begin()) here.wait();
    await_resume();
  }

private:
  friend class semaphore;
  struct stopping {
    receiving& of;
    void operator()() const noexcept { of.of_.stop(of); }
  };
  receiving(semaphore& of, std::stop_token unless) noexcept : of_{of}, unless_{std::move(unless)} {}

  // Watched before it waits, since it may be gone when take() returns.
  bool begin() noexcept {
    if (unless_.stop_possible()) on_stop_.emplace(unless_, stopping{*this});
    return of_.take(*this);
  }

  semaphore& of_;
  std::stop_token unless_;
  bool stopped_ = false;  // under the semaphore's mutex
  std::optional<std::stop_callback<stopping>> on_stop_;
};

inline semaphore::receiving semaphore::receive() noexcept { return {*this, {}}; }
inline semaphore::receiving semaphore::receive(std::stop_token unless) noexcept {
  return {*this, std::move(unless)};
}

/// The book's names.
inline semaphore::receiving P(semaphore& s) noexcept { return s.receive(); }
inline semaphore::receiving P(semaphore& s, std::stop_token unless) noexcept {
  return s.receive(std::move(unless));
}
inline void V(semaphore& s) noexcept { s.send(); }
/// As of an operation.
inline semaphore::receiving receive(semaphore& s) noexcept { return s.receive(); }

}  // namespace tryst
