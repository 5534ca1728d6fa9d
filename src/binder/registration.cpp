#include <tryst/binder/registration.hpp>

#include <atomic>
#include <future>
#include <optional>
#include <set>
#include <tryst/binder/universal_address.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/error.hpp>
#include <utility>

namespace tryst::binder {
namespace {

std::vector<entry> entries_of(const std::vector<rpc::interface_id>& interfaces,
                              const std::vector<rpc::address>& where) {
  std::vector<entry> all;
  for (const auto interface : interfaces) {
    for (const auto& address : where) {
      const auto universal = universal_address::of(address);
      if (!universal) throw call_error(universal.error(), address.text());
      all.push_back({.interface = interface,
                     .netid = std::string{name_of(netid_of(address))},
                     .address = universal->text(),
                     .owner = {}});
    }
  }
  return all;
}

class renumbered_service final : public rpc::service {
public:
  renumbered_service(std::shared_ptr<rpc::service> served, std::uint32_t program)
      : served_{std::move(served)}, program_{program} {}

  rpc::interface_id id() const noexcept override { return {program_, served_->id().version}; }
  std::string_view name() const noexcept override { return served_->name(); }
  const rpc::auth_policy& auth() const noexcept override { return served_->auth(); }
  rpc::recall recall_of(std::uint32_t procedure, bool datagram) const noexcept override {
    return served_->recall_of(procedure, datagram);
  }
  void serve(rpc::incoming_call& call) override { served_->serve(call); }

private:
  std::shared_ptr<rpc::service> served_;
  std::uint32_t program_;
};

}  // namespace

class registration::state final : public std::enable_shared_from_this<state>, private timer {
public:
  state(std::vector<rpc::interface_id> interfaces, const std::vector<rpc::address>& where,
        registration_options options)
      : interfaces_{std::move(interfaces)},
        entries_{entries_of(interfaces_, where)},
        options_{std::move(options)} {
    binder_client_options how = options_.binder;
    how.on_connection_lost = [this, tell = how.on_connection_lost](std::error_code why) {
      if (tell) tell(why);
      lost();
    };
    if (options_.at.empty()) {
      binder_.emplace(home(), std::move(how));
    } else {
      binder_.emplace(home(), options_.at, std::move(how));
    }
  }

  ~state() = default;

  void begin() {
    const rpc::failure why = run(home(), register_all(shared_from_this(), true));
    if (!why) return;
    end();
    if (why.code.category() == error_category()) throw call_error(why.code, "registration");
    throw std::system_error(why.code, "registration");
  }

  // The object is gone: nothing is tried any more, and what is registered is withdrawn.
  void end() {
    std::future<void> withdrawn = withdrawn_.get_future();
    run_on(home(), [this] {
      ending_ = true;
      home().disarm(*this);
      // The binder's client must outlive its tasks: the one that is under way withdraws in its end.
      if (!busy_) start(farewell(shared_from_this()));
    });
    withdrawn.wait();
    run_on(home(), [this] { binder_.reset(); });
    thread_.reset();
  }

  bool is_complete() const noexcept { return complete_; }
  std::uint64_t times() const noexcept { return times_; }

private:
  loop& home() { return thread_->get(); }

  void lost() {
    if (ending_) return;
    complete_ = false;
    if (!armed()) home().arm(*this, home().now() + options_.retry);
  }

  void expired() noexcept override {
    if (busy_) return;
    busy_ = true;
    start(again(shared_from_this()));
  }

  void start(task<void> process) { spawn_here(home(), std::move(process), nullptr); }

  // Parameters by value: the task may be the last that holds the state.
  static task<void> again(std::shared_ptr<state> self) {
    const rpc::failure why = co_await register_all(self, false);
    self->busy_ = false;
    if (self->ending_) {
      co_await farewell(self);
    } else if (why) {
      self->lost();
    }
  }

  static task<void> farewell(std::shared_ptr<state> self) {
    co_await withdraw(self);
    self->withdrawn_.set_value();
  }

  static task<rpc::failure> register_all(std::shared_ptr<state> self, bool first) {
    if (first) {
      for (const auto interface : self->interfaces_) {
        const auto done = co_await self->binder_->unset(interface, {});
        if (!done) co_return done.error();
      }
    }
    for (const entry& e : self->entries_) {
      if (self->ending_) co_return rpc::failure{errc::closed};
      const auto done = co_await self->binder_->set(e);
      if (!done) co_return done.error();
      if (!*done) co_return rpc::failure{std::make_error_code(std::errc::address_in_use)};
    }
    self->complete_ = true;
    ++self->times_;
    co_return rpc::failure{};
  }

  // One transport at a time: of those that we do not serve, another server of this user may have
  // entries.
  static task<void> withdraw(std::shared_ptr<state> self) {
    const auto until = self->home().clock_now() + self->options_.farewell;
    for (const entry& e : self->entries_) {
      if (self->home().clock_now() >= until) co_return;
      const auto done = co_await self->binder_->unset(e.interface, e.netid);
      if (!done) co_return;
    }
  }

  std::optional<loop_thread> thread_{std::in_place};
  std::vector<rpc::interface_id> interfaces_;
  std::vector<entry> entries_;
  registration_options options_;
  std::optional<binder_client> binder_;
  bool ending_ = false;  // with busy_, of the loop's thread
  bool busy_ = false;    // a task registers
  std::promise<void> withdrawn_;
  std::atomic<bool> complete_ = false;
  std::atomic<std::uint64_t> times_ = 0;
};

registration::registration(std::vector<rpc::interface_id> interfaces,
                           std::vector<rpc::address> where, registration_options options)
    : state_{std::make_shared<state>(std::move(interfaces), where, std::move(options))} {
  state_->begin();
}

registration::~registration() { state_->end(); }

bool registration::is_complete() const noexcept { return state_->is_complete(); }

std::uint64_t registration::times() const noexcept { return state_->times(); }

std::uint32_t choose_transient_program(const std::vector<entry>& registered, std::uint64_t random) {
  std::set<std::uint32_t> taken;
  for (const entry& e : registered) taken.insert(e.interface.program);
  constexpr std::uint64_t numbers = last_transient_program - first_transient_program + 1;
  // There are more numbers than any registry has entries.
  for (std::uint64_t i = random % numbers;; i = (i + 1) % numbers) {
    const auto number = static_cast<std::uint32_t>(first_transient_program + i);
    if (!taken.contains(number)) return number;
  }
}

std::shared_ptr<rpc::service> as_program(std::shared_ptr<rpc::service> served,
                                         std::uint32_t program) {
  return std::make_shared<renumbered_service>(std::move(served), program);
}

}  // namespace tryst::binder
