// A loop inside an Asio program: it takes its turns when the io_context finds its descriptor
// readable. Sockets are still ours; Asio decides when, the loop decides what.
#pragma once

#include <asio/io_context.hpp>
#include <tryst/epoll_loop.hpp>

namespace tryst {

/// The io_context must be run by one thread at a time, and must outlive the loop. While the loop
/// exists, io_context::run() does not return for want of work: stop() the io_context instead.
class asio_loop final : public epoll_loop {
public:
  explicit asio_loop(asio::io_context& context);
  ~asio_loop() override;

  bool running_here() const noexcept override;
  /// Always promises to run `j`: whether a thread runs the io_context cannot be known.
  bool post_if_running(job& j) override;
  void arm(timer& t, time_point when) noexcept override;
  using epoll_loop::post;

  // The io_context takes the turns.
  void run() = delete;
  void stop() = delete;

private:
  // Shared with the handlers that wait in the io_context, which may come after the loop ended.
  struct adoption;
  std::shared_ptr<adoption> adoption_;
};

}  // namespace tryst
