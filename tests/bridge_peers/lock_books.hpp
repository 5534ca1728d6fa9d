// What is locked and taken, and by whom: what one holds is given back when its connection ends, or,
// over datagrams, when it has held it for too long. The modules that keep such books see to it that
// one at a time writes.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tryst/bridge/caller.hpp>
#include <tryst/loop.hpp>
#include <tryst/rendezvous/operation.hpp>
#include <utility>

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

class lock_books {
public:
  static constexpr std::uint32_t units = 8;
  using give_up = op<void(std::uint32_t)>;

  /// `home` is the loop on which they are kept.
  lock_books(loop& home, loop::duration lease) : home_{home}, lease_{lease} {}

  bool is_locked(const std::string& name) const { return locked_.contains(name); }
  std::uint32_t free_units() const { return free_; }

  /// These give a ticket, which `back` is sent when its holder has gone.
  std::uint32_t lock(const caller& who, std::string name, give_up& back) {
    const std::uint32_t ticket = grant(who, back);
    locked_.emplace(name, ticket);
    names_.emplace(ticket, std::move(name));
    return ticket;
  }
  std::uint32_t take(const caller& who, std::uint32_t n, give_up& back) {
    const std::uint32_t ticket = grant(who, back);
    taken_.emplace(ticket, n);
    free_ -= n;
    most_at_once_ = std::max(most_at_once_, units - free_);
    return ticket;
  }

  /// These return what was held by the ticket, if anything was.
  std::optional<std::string> unlock(std::uint32_t ticket) {
    const auto name = names_.extract(ticket);
    if (!name) return std::nullopt;
    locked_.erase(name.mapped());
    end(ticket);
    return name.mapped();
  }
  std::optional<std::uint32_t> give_back(std::uint32_t ticket) {
    const auto n = taken_.extract(ticket);
    if (!n) return std::nullopt;
    free_ += n.mapped();
    end(ticket);
    return n.mapped();
  }

  /// Any thread.
  std::size_t held() const { return held_; }
  /// When the module has ended.
  std::uint32_t granted() const { return granted_; }
  std::uint32_t returned() const { return returned_; }
  std::uint32_t most_at_once() const { return most_at_once_; }

private:
  std::uint32_t grant(const caller& who, give_up& back) {
    const std::uint32_t ticket = ++granted_;
    holders_.try_emplace(ticket, home_, who, lease_,
                         [&back, ticket] { back.send_if_open(ticket); });
    held_ = holders_.size();
    return ticket;
  }
  void end(std::uint32_t ticket) {
    holders_.erase(ticket);
    ++returned_;
    held_ = holders_.size();
  }

  loop& home_;
  loop::duration lease_;
  std::map<std::string, std::uint32_t> locked_;
  std::map<std::uint32_t, std::string> names_;
  std::map<std::uint32_t, std::uint32_t> taken_;
  std::map<std::uint32_t, watch_over_holder> holders_;
  std::uint32_t free_ = units;
  std::uint32_t granted_ = 0;
  std::uint32_t returned_ = 0;
  std::uint32_t most_at_once_ = 0;
  std::atomic<std::size_t> held_ = 0;
};

}  // namespace tryst::bridge_test
