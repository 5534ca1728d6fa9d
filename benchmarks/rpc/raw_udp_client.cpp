// The limit's other half for datagrams, which also drives libtirpc's server: a closed loop of ADDs
// by hand over a connected UDP socket, that blocks in the receive. It checks every header field.
//
//   --connect ADDRESS --outstanding N --counter FILE
#include <algorithm>
#include <array>

#include "sockets.hpp"
#include "wire.hpp"

namespace bench {
namespace {

constexpr std::size_t batch = 32, call_size = call_header_size + 8;
constexpr std::size_t reply_size = reply_header_size + 4;

class client {
public:
  explicit client(const options& given)
      : fd_{dial(given.text("--connect"))},
        outstanding_{given.number("--outstanding", 1)},
        counter_{given.text("--counter")} {
    for (std::size_t i = 0; i < batch; ++i) {
      calls_[i] = {.iov_base = sent_[i].data() + mark_size, .iov_len = call_size};
      replies_[i] = {.iov_base = received_[i].data(), .iov_len = reply_size};
      out_[i].msg_hdr.msg_iov = &calls_[i];
      in_[i].msg_hdr.msg_iov = &replies_[i];
      out_[i].msg_hdr.msg_iovlen = in_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  void run() {
    for (std::size_t begun = 0; begun < outstanding_; begun += batch) {
      call(std::min(batch, outstanding_ - begun));
    }
    while (outstanding_ == 1) {
      in_[0].msg_len = static_cast<unsigned>(
          check(static_cast<int>(recv(fd_, received_[0].data(), reply_size, 0)), "recv"));
      take(0);
      counter_.add(1);
      call(1);
    }
    for (;;) {
      int n = check(recvmmsg(fd_, in_.data(), batch, MSG_WAITFORONE, nullptr), "recvmmsg");
      for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) take(i);
      counter_.add(static_cast<std::size_t>(n));
      call(static_cast<std::size_t>(n));
    }
  }

private:
  void call(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      put_call(sent_[i].data(), 8, next_xid_, add_procedure);
      put(sent_[i].data() + mark_size + call_header_size, next_xid_++);
      put(sent_[i].data() + mark_size + call_header_size + 4, 7);
    }
    if (count == 1) {
      check(static_cast<int>(send(fd_, calls_[0].iov_base, call_size, 0)), "send");
      return;
    }
    for (std::size_t sent = 0; sent < count;) {
      auto rest = static_cast<unsigned>(count - sent);
      sent += static_cast<std::size_t>(check(sendmmsg(fd_, &out_[sent], rest, 0), "sendmmsg"));
    }
  }

  void take(std::size_t i) {
    const std::byte* reply = received_[i].data();
    if (in_[i].msg_len == reply_size && is_reply(reply, next_reply_) &&
        get(reply + reply_header_size) == next_reply_ + 7) {
      ++next_reply_;
      return;
    }
    std::fprintf(stderr, "not the reply to call %u\n", next_reply_);
    std::exit(1);
  }

  int fd_;
  std::size_t outstanding_;
  shared_counter counter_;
  std::uint32_t next_xid_ = 1, next_reply_ = 1;
  std::array<std::array<std::byte, mark_size + call_size>, batch> sent_;
  std::array<std::array<std::byte, reply_size>, batch> received_;
  std::array<iovec, batch> calls_{}, replies_{};
  std::array<mmsghdr, batch> in_{}, out_{};
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::client client{bench::options{argc, argv}};
  bench::announce_ready();
  client.run();
}
