// The limit for datagrams: bench.x served by hand over level-triggered epoll and one UDP socket. It
// takes what is there in one receive, serves it in place and sends the replies in one send.
#include <sys/epoll.h>

#include <array>

#include "sockets.hpp"
#include "wire.hpp"

namespace bench {
namespace {

constexpr std::size_t batch = 32, room = 2048;

/// The size of the reply to `call`, written to `out`; 0 for bytes that are no call of ours.
std::size_t serve(const std::byte* call, std::size_t size, std::byte* out) {
  if (size != call_header_size + 8 || !is_call(call) || get(call + 20) != add_procedure) return 0;
  std::array<std::byte, mark_size + reply_header_size> header;
  put_reply(header.data(), 4, get(call));
  std::memcpy(out, header.data() + mark_size, reply_header_size);
  const std::byte* body = call + call_header_size;
  put(out + reply_header_size, get(body) + get(body + 4));
  return reply_header_size + 4;
}

class server {
public:
  explicit server(int fd) : fd_{fd} {
    for (std::size_t i = 0; i < batch; ++i) {
      calls_[i] = {.iov_base = received_[i].data(), .iov_len = room};
      replies_[i].iov_base = sent_[i].data();
      in_[i].msg_hdr.msg_iov = &calls_[i];
      out_[i].msg_hdr.msg_iov = &replies_[i];
      in_[i].msg_hdr.msg_iovlen = out_[i].msg_hdr.msg_iovlen = 1;
    }
  }

  void run() {
    int poller = check(epoll_create1(0), "epoll_create1");
    epoll_event event{.events = EPOLLIN, .data = {}};
    check(epoll_ctl(poller, EPOLL_CTL_ADD, fd_, &event), "epoll_ctl");
    for (;;) {
      check(epoll_wait(poller, &event, 1, -1), "epoll_wait");
      receive();
    }
  }

private:
  void receive() {
    for (std::size_t i = 0; i < received_count_; ++i) {
      in_[i].msg_hdr.msg_name = &from_[i];
      in_[i].msg_hdr.msg_namelen = sizeof from_[i];
    }
    // Where they come one by one it is cheaper to ask for one.
    if (alone_ % 8 != 0) {
      ssize_t size = recvmsg(fd_, &in_[0].msg_hdr, MSG_DONTWAIT);
      in_[0].msg_len = size > 0 ? static_cast<unsigned>(size) : 0;
      received_count_ = 1;
    } else {
      int n = recvmmsg(fd_, in_.data(), batch, MSG_DONTWAIT, nullptr);
      received_count_ = n > 0 ? static_cast<std::size_t>(n) : 0;
    }
    alone_ = received_count_ == 1 ? alone_ + 1 : 0;
    unsigned answers = 0;
    for (std::size_t i = 0; i < received_count_; ++i) {
      std::size_t size = serve(received_[i].data(), in_[i].msg_len, sent_[answers].data());
      if (size == 0) continue;
      replies_[answers].iov_len = size;
      out_[answers].msg_hdr.msg_name = &from_[i];
      out_[answers].msg_hdr.msg_namelen = in_[i].msg_hdr.msg_namelen;
      ++answers;
    }
    if (answers == 1) {
      sendmsg(fd_, &out_[0].msg_hdr, MSG_DONTWAIT);
    } else if (answers != 0) {
      sendmmsg(fd_, out_.data(), answers, MSG_DONTWAIT);
    }
  }

  int fd_;
  std::size_t received_count_ = batch, alone_ = 0;
  std::array<std::array<std::byte, room>, batch> received_, sent_;
  std::array<iovec, batch> calls_{}, replies_{};
  std::array<mmsghdr, batch> in_{}, out_{};
  std::array<sockaddr_storage, batch> from_{};
};

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::options given{argc, argv};
  std::string bound;
  int fd = bench::listen_at(given.text("--listen", "udp://127.0.0.1:0"), bound);
  bench::announce_ready(bound);
  bench::server{fd}.run();
}
