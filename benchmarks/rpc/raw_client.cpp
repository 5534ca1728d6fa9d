// The limit's other half, which also drives every other server: a closed loop of calls written by
// hand. With one connection it blocks in recv; with many it waits in epoll. It checks every header
// field of every reply, and that the result is right.
//
//   --connect ADDRESS --connections N --outstanding N --payload BYTES (0: ADD) --counter FILE
//   --calls N      stop after N calls and keep the connections open until killed
//   --latency S    run for S seconds, then print the percentiles of one call's time
#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <vector>

#include "sockets.hpp"
#include "wire.hpp"

namespace bench {
namespace {

using clock = std::chrono::steady_clock;

struct connection {
  int fd;
  buffer in, out;
  std::uint32_t next_xid = 1, next_reply = 1;
  bool filled = false;
};

class client {
public:
  explicit client(const options& given)
      : payload_(given.number("--payload", 0), std::byte{0x5a}),
        outstanding_{given.number("--outstanding", 1)},
        stop_after_{given.number("--calls", ~std::size_t{0})},
        latency_{given.number("--latency", 0)},
        counter_{given.text("--counter")} {
    connections_.resize(given.number("--connections", 1));
    for (connection& c : connections_) c.fd = dial(given.text("--connect"));
  }

  void run() {
    for (connection& c : connections_) {
      for (std::size_t i = 0; i < outstanding_; ++i) append_call(c);
      flush(c);
    }
    if (connections_.size() == 1) {
      while (made_ < stop_after_ && !over()) receive(connections_.front());
    } else {
      run_many();
    }
    if (latency_ != 0) {
      report_latency();
    } else {
      announce_ready("done");
      pause();
    }
  }

private:
  void run_many() {
    int poller = check(epoll_create1(0), "epoll_create1");
    for (connection& c : connections_) {
      epoll_event event{.events = EPOLLIN, .data = {.ptr = &c}};
      check(epoll_ctl(poller, EPOLL_CTL_ADD, c.fd, &event), "epoll_ctl");
    }
    epoll_event events[256];
    while (made_ < stop_after_) {
      int n = epoll_wait(poller, events, 256, -1);
      for (int i = 0; i < n; ++i) receive(*static_cast<connection*>(events[i].data.ptr));
    }
  }

  void append_call(connection& c) {
    bool add = payload_.empty();
    std::size_t body = add ? 8 : 4 + (payload_.size() + 3) / 4 * 4;
    c.out.reserve(mark_size + call_header_size + body);
    std::byte* at = c.out.back();
    put_call(at, body, c.next_xid, add ? add_procedure : echo_procedure);
    at += mark_size + call_header_size;
    if (add) {
      put(at, c.next_xid);
      put(at + 4, 7);
    } else {
      put(at, static_cast<std::uint32_t>(payload_.size()));
      std::memcpy(at + 4, payload_.data(), payload_.size());
      std::memset(at + 4 + payload_.size(), 0, body - 4 - payload_.size());
    }
    c.out.added(mark_size + call_header_size + body);
    ++c.next_xid;
  }

  void flush(connection& c) {
    if (latency_ != 0) started_ = clock::now();
    while (c.out.size() != 0) {
      ssize_t n = send(c.fd, c.out.front(), c.out.size(), MSG_NOSIGNAL);
      if (n < 0) die("send");
      c.out.taken(static_cast<std::size_t>(n));
    }
  }

  void receive(connection& c) {
    c.in.make_room(c.filled);
    ssize_t n = recv(c.fd, c.in.back(), c.in.room(), 0);
    if (n <= 0) die("recv");
    c.filled = static_cast<std::size_t>(n) == c.in.room();
    c.in.added(static_cast<std::size_t>(n));
    std::size_t finished = 0;
    for (; c.in.holds_record(); ++finished) {
      std::size_t size = c.in.record_size();
      check_reply(c, c.in.front() + mark_size, size - mark_size);
      c.in.taken(size);
      ++c.next_reply;
      if (made_ + finished + 1 < stop_after_) append_call(c);
    }
    if (finished == 0) return;
    if (latency_ != 0) times_.push_back(clock::now() - started_);
    made_ += finished;
    counter_.add(finished);
    flush(c);
  }

  void check_reply(const connection& c, const std::byte* reply, std::size_t size) {
    bool right = size >= reply_header_size + 4 && is_reply(reply, c.next_reply);
    const std::byte* result = reply + reply_header_size;
    if (payload_.empty()) {
      right = right && size == reply_header_size + 4 && get(result) == c.next_reply + 7;
    } else {
      right = right && size == reply_header_size + 4 + (payload_.size() + 3) / 4 * 4 &&
              get(result) == payload_.size() && result[4] == payload_.front();
    }
    if (!right) {
      std::fprintf(stderr, "not the reply to call %u\n", c.next_reply);
      std::exit(1);
    }
  }

  bool over() const {
    return latency_ != 0 && clock::now() - began_ > std::chrono::seconds{latency_};
  }

  void report_latency() {
    std::sort(times_.begin(), times_.end());
    auto at = [&](double part) {
      auto index = static_cast<std::size_t>(part * static_cast<double>(times_.size() - 1));
      return std::chrono::duration<double, std::micro>(times_[index]).count();
    };
    std::printf("{\"calls\": %zu, \"p50_us\": %.2f, \"p99_us\": %.2f, \"p999_us\": %.2f}\n",
                times_.size(), at(0.5), at(0.99), at(0.999));
  }

  std::vector<connection> connections_;
  std::vector<std::byte> payload_;
  std::size_t outstanding_, stop_after_, latency_, made_ = 0;
  shared_counter counter_;
  clock::time_point began_ = clock::now(), started_;
  std::vector<clock::duration> times_;
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::client client{bench::options{argc, argv}};
  bench::announce_ready();
  client.run();
}
