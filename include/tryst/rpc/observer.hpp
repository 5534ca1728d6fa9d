// Watching calls from outside: decorators put an observer around a service or a caller, and what
// they wrap knows nothing of it. Counters, histograms and traces are observers.
//
//   metrics seen;
//   server.serve(observe(make_service<calc::CALC_V1>(calculator{}), seen));
//   observed_caller caller{client, seen};
#pragma once

#include <memory>
#include <span>
#include <tryst/loop.hpp>
#include <tryst/rpc/failure.hpp>
#include <tryst/rpc/program.hpp>
#include <tryst/rpc/service.hpp>
#include <tryst/rpc/typed_caller.hpp>
#include <utility>

namespace tryst::rpc {

/// One call that has ended, as seen from where it was watched.
struct observed_call {
  interface_id interface;
  std::uint32_t procedure = 0;
  std::uint32_t xid = 0;
  loop::duration taken{};  ///< from the first to the last that the watched side knew of it
  failure why;             ///< empty for a result, and for a one-way call that was sent
  std::span<const std::byte> arguments;  ///< encoded; empty at a caller
  std::span<const std::byte> result;     ///< encoded; empty at a caller, and for a failure
};

/// Must outlive what it watches. Told on the thread that answered, or on the caller's loop: it
/// guards its own state, and does not block.
class call_observer {
public:
  call_observer(const call_observer&) = delete;
  call_observer& operator=(const call_observer&) = delete;
  virtual void ended(const observed_call& call) noexcept = 0;

protected:
  call_observer() = default;
  ~call_observer() = default;
};

/// The same service, watched.
std::shared_ptr<service> observe(std::shared_ptr<service> watched, call_observer& by);

/// The path of a caller, watched.
class observed_path final : public call_path {
public:
  observed_path(call_path& watched, call_observer& by)
      : call_path{watched.home()}, watched_{watched}, by_{by} {}

  void start(outstanding_call& call) noexcept override;
  void end(outstanding_call& call, errc unsent, errc sent) noexcept override;

private:
  call_path& watched_;
  call_observer& by_;
};

/// A caller whose calls are watched. The caller must outlive it, and it its calls.
template <class Caller>
class observed_caller : public typed_caller<observed_caller<Caller>> {
public:
  observed_caller(Caller& watched, call_observer& by)
      : watched_{watched}, path_{watched.path(), by} {}

  /// For typed_caller.
  call_path& path() noexcept { return path_; }
  void complete(call_options& options) const { watched_.complete(options); }

private:
  Caller& watched_;
  observed_path path_;
};

}  // namespace tryst::rpc
