// A UDP relay that loses, doubles and reorders datagrams in both directions, the same way each time
// for a seed and an order of arrival.
#pragma once

#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "support/datagram_socket.hpp"

namespace tryst::test {

class lossy_proxy {
public:
  /// Each of a hundred datagrams, on average.
  struct faults {
    unsigned lost = 0;
    unsigned doubled = 0;
    unsigned late = 0;  ///< sent behind the next one, or when none comes
  };

  lossy_proxy(std::uint16_t server_port, faults f, unsigned seed)
      : server_{loopback(server_port)}, faults_{f}, random_{seed} {}
  ~lossy_proxy() {
    ending_ = true;
    relay_.join();
  }
  lossy_proxy(const lossy_proxy&) = delete;
  lossy_proxy& operator=(const lossy_proxy&) = delete;

  std::string address() const { return front_.address(); }
  std::uint16_t port() const { return front_.port(); }
  int lost() const { return lost_; }

private:
  struct parcel {
    datagram_socket* by = nullptr;
    sockaddr_in to{};
    bytes message;
  };

  bool happens(unsigned in_hundred) { return random_() % 100 < in_hundred; }

  void send(const parcel& p) { p.by->send_to(p.to, p.message); }

  void pass_on(parcel p) {
    if (happens(faults_.lost)) {
      ++lost_;
      return;
    }
    if (happens(faults_.doubled)) send(p);
    if (held_.by == nullptr && happens(faults_.late)) {
      held_ = std::move(p);
      return;
    }
    send(p);
    release();
  }

  void release() {
    if (held_.by == nullptr) return;
    send(held_);
    held_ = {};
  }

  // A socket for each client, so that the server can tell them apart.
  datagram_socket& behind(const sockaddr_in& client) {
    const auto key = std::pair{client.sin_addr.s_addr, client.sin_port};
    const auto found = clients_.find(key);
    if (found != clients_.end()) return found->second.first;
    return clients_.emplace(key, std::pair{datagram_socket{}, client}).first->second.first;
  }

  void run() {
    while (!ending_) {
      std::vector<pollfd> all{{.fd = front_.descriptor(), .events = POLLIN, .revents = 0}};
      for (const auto& c : clients_) {
        all.push_back({.fd = c.second.first.descriptor(), .events = POLLIN, .revents = 0});
      }
      if (::poll(all.data(), all.size(), 1) == 0) release();
      while (const auto call = front_.receive(0)) {
        pass_on({&behind(call->from), server_, call->message});
      }
      for (auto& c : clients_) {
        while (const auto reply = c.second.first.receive(0)) {
          pass_on({&front_, c.second.second, reply->message});
        }
      }
    }
  }

  datagram_socket front_;
  sockaddr_in server_;
  faults faults_;
  std::mt19937 random_;
  std::map<std::pair<std::uint32_t, std::uint16_t>, std::pair<datagram_socket, sockaddr_in>>
      clients_;
  parcel held_;
  std::atomic<int> lost_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread relay_{[this] { run(); }};
};

}  // namespace tryst::test
