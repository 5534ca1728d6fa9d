#include <tryst/asio_loop.hpp>

#include <unistd.h>

#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

namespace tryst {

// What waits in the io_context for the loop. The handlers hold it together with the loop, so that
// one that comes after the loop's end finds `owner` gone.
struct asio_loop::adoption : std::enable_shared_from_this<adoption> {
  adoption(asio::io_context& c, asio_loop& o)
      : context{c}, readable{c, ::dup(o.descriptor())}, deadline{c}, owner{&o} {}

  void wait() {
    readable.async_wait(asio::posix::stream_descriptor::wait_read,
                        [self = shared_from_this()](const std::error_code& error) {
                          if (error || self->owner == nullptr) return;
                          self->turn();
                          self->wait();
                        });
  }

  void turn() {
    owner->turn(duration::zero());
    if (owner->pending()) {
      asio::post(context, [self = shared_from_this()] {
        if (self->owner != nullptr) self->turn();
      });
    }
    wait_for_timer();
  }

  void wait_for_timer() {
    const auto next = owner->next_timer();
    if (!next || *next >= deadline_at) return;
    deadline_at = *next;
    deadline.expires_at(*next);
    deadline.async_wait([self = shared_from_this()](const std::error_code& error) {
      if (error || self->owner == nullptr) return;
      self->deadline_at = time_point::max();
      self->turn();
    });
  }

  asio::io_context& context;
  asio::posix::stream_descriptor readable;
  asio::steady_timer deadline;
  time_point deadline_at = time_point::max();
  asio_loop* owner;
};

asio_loop::asio_loop(asio::io_context& context)
    : adoption_{std::make_shared<adoption>(context, *this)} {
  adoption_->wait();
}

asio_loop::~asio_loop() {
  adoption_->owner = nullptr;
  adoption_->readable.close();
  adoption_->deadline.cancel();
}

bool asio_loop::running_here() const noexcept {
  return adoption_->context.get_executor().running_in_this_thread();
}

bool asio_loop::post_if_running(job& j) {
  post(j);
  return true;
}

void asio_loop::arm(timer& t, time_point when) noexcept {
  epoll_loop::arm(t, when);
  adoption_->wait_for_timer();
}

}  // namespace tryst
