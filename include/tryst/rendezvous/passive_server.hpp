// What serve() makes: an input statement that is repeated for ever and has no process. Whoever
// brings an invocation takes possession and runs the bodies, its own and those that others have
// left behind meanwhile; it knows no types.
//
// Possession is one word, so that a call which finds nobody there takes it and gives it back with
// one atomic operation each. Guards and bodies run with possession and without a lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <tryst/rendezvous/acceptor.hpp>
#include <tryst/rendezvous/party.hpp>

namespace tryst {

class module;

namespace detail {

class passive_server {
public:
  passive_server(const passive_server&) = delete;
  passive_server& operator=(const passive_server&) = delete;
  virtual ~passive_server() = default;

  /// How a call in the frame of its caller fared.
  enum class outcome : std::uint8_t {
    answered,  ///< its place has the result, and nobody will tell
    told,      ///< it was or will be told, and may be gone
    refused    ///< nobody tells why: it is known
  };
  /// `why`: of one that is refused.
  outcome call(invocation& i, bool only_now, errc& why) noexcept;
  /// Any other, which is told. Otherwise nothing happened, and this is why.
  [[nodiscard]] errc arrive(invocation& i, bool only_now) noexcept;
  /// What guards look at has changed: judges again what it has refused.
  void reconsider() noexcept;
  void close() noexcept;
  /// Makes the module have it, and serves what has come before. Throws std::logic_error.
  static void serve(std::unique_ptr<passive_server> made);
  void expect_statement() noexcept;

  /// How many bodies have ended.
  std::uint64_t bodies() const noexcept { return bodies_.load(std::memory_order_seq_cst); }

protected:
  passive_server(module& of, std::span<arm_state> arms);

  enum class own : std::uint8_t { refused, answered, told };
  /// Judges `i`, the only one that is not judged yet, and runs the body.
  virtual own serve_own(invocation& i, std::exception_ptr& failure) noexcept = 0;
  virtual bool admits(std::size_t arm, const invocation& i) = 0;
  virtual invocation* least(std::size_t arm, invocation& first, invocation*& judged) = 0;
  virtual void run(std::size_t arm, invocation& i) = 0;

  operation_class& operations() const noexcept { return class_; }
  bool names(std::size_t arm, const invocation& i) const noexcept {
    const operation* const named = arms_[arm].of;
    return named == i.operation_ || named == i.operation_->array_;
  }
  static void taken(invocation& i) noexcept {
    i.state_.store(invocation::state::taken, std::memory_order_relaxed);
  }

private:
  friend class operation_class;
  friend class tryst::module;
  struct body_counted {
    passive_server& of;
    ~body_counted() { of.body_ended(); }
  };
  enum class entry : std::uint8_t { possessed, left_behind, refused };
  using word = std::uintptr_t;

  // Of the word: who has possession, whether something is to be looked at again, and that it has
  // ended. Above them the invocation that was left behind last.
  static constexpr word free = 0;
  static constexpr word possessed = 1;
  static constexpr word attention = 2;
  static constexpr word ended = 4;
  static constexpr word flags = 7;

  void begin() noexcept;
  entry enter(invocation& i, errc& why) noexcept;
  bool is_admitted(const invocation& i) noexcept;
  bool possess_or_ask() noexcept;
  void let_go() noexcept;
  void take_in(word left_behind) noexcept;
  void serve_listed() noexcept;
  invocation* scan();
  invocation* oldest_admitted();
  void guard_threw(invocation& i, std::exception_ptr why) noexcept;
  void pass_over(const invocation& i) noexcept;
  void body_ended() noexcept;
  void list(invocation& i) noexcept;
  void unlist(invocation& i) noexcept;
  void refuse_listed(invocation& i, errc why) noexcept;
  void refuse_impatient() noexcept;
  void end(word left_behind) noexcept;

  module& of_;
  operation_class& class_;
  std::span<arm_state> arms_;
  std::atomic<word> word_ = possessed;  // until it begins
  std::atomic<bool> closing_ = false;
  // With possession:
  std::atomic<std::uint64_t> bodies_ = 0;
  std::uint64_t newest_ = 0;
  std::uint64_t judged_to_ = 0;
  std::size_t chosen_ = 0;
  std::size_t listed_ = 0;
  std::size_t impatient_ = 0;  // of those that are listed
  std::exception_ptr failure_;
};

}  // namespace detail
}  // namespace tryst
