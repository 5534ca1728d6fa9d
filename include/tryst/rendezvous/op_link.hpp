// What capabilities hold of an operation: it outlives the operation, and tells that it is gone.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <tryst/rendezvous/party.hpp>
#include <utility>

namespace tryst::detail {

class operation;
class operation_class;

class op_link {
public:
  op_link(operation& to, std::shared_ptr<operation_class> of, bool stays) noexcept
      : to_{&to}, of_{std::move(of)}, stays_{stays} {}
  ~op_link();
  /// Of an operation that is gone already.
  op_link() noexcept : to_{nullptr}, stays_{false}, state_{severed} {}
  op_link(const op_link&) = delete;
  op_link& operator=(const op_link&) = delete;

  /// The operation is gone from now on. Waits for those who are invoking it at this moment, each of
  /// which only queues something.
  void sever() noexcept;
  /// Whether its module keeps it in this process.
  bool stays() const noexcept { return stays_; }
  /// Whether it is gone, at this moment.
  bool gone() const noexcept { return (state_.load(std::memory_order_relaxed) & severed) != 0; }

private:
  friend class passage;
  static constexpr std::uint32_t severed = std::uint32_t{1} << 31;

  operation* const to_;
  const std::shared_ptr<operation_class> of_;
  const bool stays_;
  std::atomic<std::uint32_t> state_ = 0;  // how many are invoking it; and `severed`
};

/// While one exists, the operation stays. Processes without a loop that this thread wakes meanwhile
/// run behind it, since they may end the operation, which waits for that.
class passage {
public:
  explicit passage(op_link& through) noexcept;
  passage(const passage&) = delete;
  passage& operator=(const passage&) = delete;
  ~passage();

  /// Null: it is gone.
  operation* to() const noexcept { return open_ ? link_.to_ : nullptr; }

private:
  waking_later behind_;  // the last to be destroyed
  op_link& link_;
  bool open_;
};

}  // namespace tryst::detail
