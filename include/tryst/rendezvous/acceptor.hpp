// One execution of an input statement, as the engine sees it: arms in the order of the text, guards
// behind virtual functions, and how far it has judged.
#pragma once

#include <cstdint>
#include <exception>
#include <span>
#include <stdexcept>
#include <tryst/rendezvous/operation_class.hpp>
#include <tryst/rendezvous/party.hpp>

namespace tryst {

/// Thrown by an input statement that can never go on: all its guards are values, and false (rule
/// S5).
class no_open_arm : public std::logic_error {
public:
  no_open_arm() : logic_error{"an input statement without an open arm waits for ever"} {}
};

}  // namespace tryst

namespace tryst::detail {

/// What the engine knows of an arm.
struct arm_state {
  operation* of = nullptr;
  bool open = true;              ///< false: its guard is a value, and false
  bool judged = false;           ///< it has a guard function
  bool ordered = false;          ///< it has a scheduling expression
  invocation* cursor = nullptr;  ///< of a scan
};

/// Which of the acceptable invocations a statement takes.
enum class order : bool { of_age, of_text };

/// When a statement does something else than to take an invocation.
enum class fallback : std::uint8_t { never, at_once, at_a_time, at_closing, at_termination };

class acceptor : public party {
public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

protected:
  /// Expires a statement of a coroutine, on its loop.
  class deadline final : timer {
  public:
    void begin(acceptor& of, loop& home, loop::time_point when) noexcept {
      of_ = &of;
      home.arm(*this, when);
    }
    void end() noexcept {
      if (of_ != nullptr) of_->home()->disarm(*this);
    }

  private:
    void expired() noexcept override { of_->expire(); }

    acceptor* of_ = nullptr;
  };

  /// Throws std::logic_error when the arms name operations of several modules.
  acceptor(std::span<arm_state> arms, order by, fallback otherwise)
      : arms_{arms},
        class_{arms.front().of->class_},
        order_{by},
        fallback_{otherwise},
        otherwise_{otherwise == fallback::at_once} {
    const operation_class* const in = &class_;
    std::uint64_t mask = 0;
    // A statement at or_terminate() looks for the end when it gives possession up.
    bool guarded = otherwise == fallback::at_termination;
    for (const arm_state& arm : arms) {
      if (arm.of->stated_in_.load(std::memory_order_relaxed) != in) refuse(arm);
      // Without branches: a statement with many arms goes through here each time.
      mask |= arm.open ? arm.of->bit_ : 0;
      guarded = guarded || (arm.open && (arm.judged || arm.ordered));
    }
    mask_ = mask;
    guarded_ = guarded;
  }
  ~acceptor() = default;

  /// True: decided. False: it will be woken, and may be gone already. Throws no_open_arm.
  bool begin();
  /// Blocks this thread until it is decided.
  void wait_here();
  /// The same, deciding at `when` that it is not going to take anything.
  void wait_here(loop::time_point when);
  /// Its time has come: it takes what is acceptable now, or nothing. Nothing happens when it is
  /// decided.
  void expire() noexcept { class_.expire(*this); }

  /// Whether a guard function admits `i`. Throws what the guard throws.
  virtual bool admits(std::size_t arm, const invocation& i) = 0;
  /// Of those that the arm admits from `first` on, which it does, the one with the least key. When
  /// it throws, `judged` is the one that it was about.
  virtual invocation* least(std::size_t arm, invocation& first, invocation*& judged) = 0;
  /// What stands for the guard of an arm that looks at arguments alone, and nothing else decides
  /// about: what it refuses once it refuses for ever. Otherwise null.
  virtual const void* lasting_guard(std::size_t arm) const noexcept = 0;
  /// Goes on with the coroutine, since the statement is decided.
  virtual void proceed() noexcept = 0;

  operation_class& operations() const noexcept { return class_; }
  /// The arm that was chosen; none: the one for when nothing is acceptable.
  std::size_t chosen() const noexcept { return chosen_; }
  invocation* taken() const noexcept { return taken_; }
  /// Why nothing was taken, or null.
  const std::exception_ptr& failure() const noexcept { return failure_; }

private:
  friend class inspector;
  friend class operation_class;
  enum class phase : std::uint8_t { fresh, waiting, judging, decided };

  [[noreturn]] void refuse(const arm_state& arm) const;
  bool nothing_listed() const noexcept {
    for (const arm_state& arm : arms_) {
      if (arm.open && arm.of->list_.first() != nullptr) return false;
    }
    return true;
  }
  std::size_t open_arm_of(const operation& of) const noexcept {
    for (std::size_t k = 0; k < arms_.size(); ++k) {
      const operation* const named = arms_[k].of;
      if (arms_[k].open && (named == &of || named == of.array_)) return k;
    }
    return none;
  }
  // Threads that service are no processes of the module.
  bool is_at_termination() const noexcept {
    return fallback_ == fallback::at_termination && home() != nullptr;
  }
  void woken() noexcept override;
  void end_by_closing() noexcept;
  invocation* scan(std::uint64_t version);
  bool admits_or_refuses(std::size_t arm, invocation& i);
  invocation* oldest_admitted();
  invocation* first_admitted_in_text_order();
  invocation* first_unjudged(const operation& of) const noexcept;
  invocation* first_to_judge(std::size_t arm) const noexcept;
  void remember_refused() const noexcept;

  std::span<arm_state> arms_;
  operation_class& class_;
  acceptor* next_ = nullptr;
  acceptor* previous_ = nullptr;
  std::uint64_t mask_ = 0;  // bits of the operations of open arms
  std::uint64_t judged_to_ = 0;
  std::uint64_t judged_version_ = 0;
  std::size_t chosen_ = none;
  invocation* taken_ = nullptr;
  std::exception_ptr failure_;
  order order_;
  fallback fallback_;
  bool otherwise_;        // does not wait
  bool guarded_ = false;  // some open arm needs a user's function to choose
  bool in_waiting_ = false;
  phase phase_ = phase::fresh;
};

}  // namespace tryst::detail
