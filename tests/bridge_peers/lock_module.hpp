// A lock server and an allocator whose clients may die: what one holds is given back when its
// connection ends, or, over datagrams, when it has held it for too long.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tryst/bridge/publish.hpp>
#include <tryst/loop.hpp>
#include <tryst/rendezvous/in.hpp>

#include "locks.hpp"

namespace tryst::bridge_test {

/// Says once that whoever has a ticket will not give it back.
class watch_over_holder final : timer {
public:
  watch_over_holder(loop& home, const caller& who, loop::duration lease, std::function<void()> gone)
      : home_{home}, gone_{std::move(gone)}, lost_{who.connection_lost, said{gone_}} {
    if (who.where.kind == rpc::address::transport::udp) home.arm(*this, home.now() + lease);
  }
  ~watch_over_holder() {
    if (armed()) home_.disarm(*this);
  }

private:
  struct said {
    std::function<void()>& gone;
    void operator()() const { gone(); }
  };
  void expired() noexcept override { gone_(); }

  loop& home_;
  std::function<void()> gone_;
  std::stop_callback<said> lost_;
};

struct lock_module : module {
  op<std::uint32_t(caller, std::string)> acquire{this};
  op<void(std::uint32_t)> release{this};
  op<std::uint32_t(caller, std::uint32_t)> take{this};
  op<void(std::uint32_t)> give_back{this};

  /// Of the process: to be read when it has ended.
  std::uint32_t granted = 0;
  std::uint32_t returned = 0;
  std::uint32_t most_at_once = 0;  ///< units
  std::atomic<std::size_t> held = 0;

  static constexpr std::uint32_t units = 8;

  /// `home` is the loop that it is started on.
  task<> server(loop& home, loop::duration lease) {
    std::map<std::string, std::uint32_t> locked;
    std::map<std::uint32_t, std::uint32_t> taken;
    std::uint32_t free = units;
    std::map<std::uint32_t, watch_over_holder> holders;
    const auto grant = [&](const caller& who, op<void(std::uint32_t)>& back) {
      const std::uint32_t ticket = ++granted;
      holders.try_emplace(ticket, home, who, lease, [&back, ticket] { back.send_if_open(ticket); });
      held = holders.size();
      return ticket;
    };
    const auto end = [&](std::uint32_t ticket) {
      returned += static_cast<std::uint32_t>(holders.erase(ticket));
      held = holders.size();
    };
    for (;;) {
      co_await in(
          accept(acquire).such_that(
              [&](const caller&, const std::string& name) { return !locked.contains(name); }) >>
              [&](const caller& who, std::string name) {
                const std::uint32_t ticket = grant(who, release);
                locked.emplace(std::move(name), ticket);
                return ticket;
              },
          accept(release) >>
              [&](std::uint32_t ticket) {
                end(ticket);
                std::erase_if(locked, [&](const auto& each) { return each.second == ticket; });
              },
          accept(take)
                  .such_that([&](const caller&, std::uint32_t n) { return n <= free || n > units; })
                  .by([](const caller&, std::uint32_t n) { return n; }) >>
              [&](const caller& who, std::uint32_t n) {
                if (n > units) throw rpc::refusal{.code = errc::garbage_args};
                const std::uint32_t ticket = grant(who, give_back);
                taken.emplace(ticket, n);
                free -= n;
                most_at_once = std::max(most_at_once, units - free);
                return ticket;
              },
          accept(give_back) >>
              [&](std::uint32_t ticket) {
                end(ticket);
                if (const auto back = taken.extract(ticket)) free += back.mapped();
              });
    }
  }
};

}  // namespace tryst::bridge_test
