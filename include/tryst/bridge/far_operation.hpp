// An operation of another process: what capabilities that came from there are made of.
//
// Path: cap_exchange.hpp → here → far_process.hpp → rpc/client.hpp
#pragma once

#include <algorithm>
#include <tryst/bridge/exchange_core.hpp>
#include <tryst/bridge/wire_form.hpp>
#include <tryst/rendezvous/distant_op.hpp>
#include <tryst/rpc/typed_coding.hpp>
#include <utility>

namespace tryst::detail {

template <class Signature>
class far_operation;

/// A call or send of one.
template <class Signature>
class far_call;

template <class R, class... A>
class far_call<R(A...)> final : public far_call_base {
  using wired = wire_signature<R(A...)>;

public:
  /// `place` null: a send.
  far_call(std::shared_ptr<exchange_core> by, std::shared_ptr<far_process> to,
           const operation_name& name, far_form how, rpc::call_options&& options,
           typename wired::values&& values, reply_place<R>* place)
      : far_call_base{rpc::interface_id{name.program, name.version},
                      name.object == 0 ? name.procedure : static_cast<std::uint32_t>(how),
                      std::move(options), false},
        by_{std::move(by)},
        to_{to},
        object_{name.object},
        how_{how},
        arguments_{all_to_wire(by_, std::move(values))},
        place_{place} {}

private:
  void encode_arguments(xdr::writer& w) override {
    if (object_ != 0) xdr::encode(w, object_);
    rpc::detail::encode_tuple<std::tuple<>>(w, arguments_);
  }

  void settle(const rpc::call_outcome& ended) noexcept override {
    if (ended.why) {
      why_ = *ended.why;
      // That it is gone is what a server says that does not know it.
      for (const errc gone : {errc::prog_unavail, errc::prog_mismatch, errc::proc_unavail}) {
        if (why_.code == gone) why_ = errc::op_closed;
      }
      return;
    }
    if (place_ == nullptr) return;
    try {
      take_result(ended.result);
    } catch (...) {
      why_ = errc::result_invalid;
    }
  }

  void take_result(std::span<const std::byte> bytes) {
    xdr::reader in{bytes};
    bool taken = true;
    if (how_ == far_form::only_now) xdr::decode(in, taken);
    if (in.ok() && !taken) {
      why_ = errc::not_taken;
      return;
    }
    if constexpr (!std::is_void_v<R>) {
      wire_t<R> wire{};
      if (in.ok()) xdr::decode(in, wire);
      if (!in.ok()) {
        why_ = errc::result_invalid;
        return;
      }
      std::error_code why;
      if (!from_wire<R>(by_, to_->where(), std::move(wire), result_.emplace(), why)) why_ = why;
    } else if (!in.ok()) {
      why_ = errc::result_invalid;
    }
  }

  rpc::failure why() const noexcept override { return why_; }

  void deliver() noexcept override {
    if (place_ == nullptr) {
      const auto& tell = by_->exchanging().on_send_failed;
      if (why_ && tell) tell(why_.code);
    } else if (!why_) {
      if constexpr (std::is_void_v<R>) {
        place_->give();
      } else {
        place_->give(*std::move(result_));
      }
    } else if (why_.code.category() == error_category()) {
      place_->fail(static_cast<errc>(why_.code.value()));
    } else {
      place_->fail(std::make_exception_ptr(call_error{why_.code}));
    }
    // The process, which may not end in the midst of what its client does, is not ours alone.
    to_.reset();
    const auto by = std::move(by_);
    delete this;
  }

  std::shared_ptr<exchange_core> by_;
  std::shared_ptr<far_process> to_;
  std::uint64_t object_;
  far_form how_;
  typename wired::arguments arguments_;
  reply_place<R>* place_;
  rpc::failure why_;
  std::optional<typename reply_place<R>::stored> result_;
};

template <class R, class... A>
class far_operation<R(A...)> final : public distant_op<R(A...)> {
  using wired = wire_signature<R(A...)>;
  using call_type = far_call<typename wired::stripped>;

public:
  far_operation(std::shared_ptr<exchange_core> by, std::shared_ptr<far_process> at,
                operation_name name) noexcept
      : by_{std::move(by)}, at_{std::move(at)}, name_{std::move(name)} {}

  const operation_name& name() const noexcept { return name_; }

  void call(std::tuple<A...>&& arguments, const distant_limits& how,
            reply_place<R>& place) const override {
    if (how.only_now && name_.object == 0) {
      // Of a procedure that is somebody's own, RPC has no word for it.
      throw call_error{std::make_error_code(std::errc::operation_not_supported)};
    }
    rpc::call_options options{.deadline = how.within, .stop = how.stop};
    if (how.until)
      options.deadline = std::max(loop::duration{0}, *how.until - by_->home().clock_now());
    begin(how.only_now ? far_form::only_now : far_form::call, std::move(options),
          std::move(arguments), &place);
  }

  void send(std::tuple<A...>&& arguments) const override {
    begin(far_form::send, {}, std::move(arguments), nullptr);
  }

  bool names_same(const distant_op<R(A...)>& other) const noexcept override {
    const auto* const far = dynamic_cast<const far_operation*>(&other);
    return far != nullptr && far->name_ == name_;
  }

private:
  // The caller in front is for whoever serves the operation.
  static typename wired::values without_caller(std::tuple<A...>&& all) {
    if constexpr (wired::has_caller) {
      return std::apply(
          [](auto&, auto&... each) { return typename wired::values{std::move(each)...}; }, all);
    } else {
      return std::move(all);
    }
  }

  void begin(far_form how, rpc::call_options options, std::tuple<A...>&& arguments,
             reply_place<R>* place) const {
    auto begun = std::make_unique<call_type>(by_, at_, name_, how, std::move(options),
                                             without_caller(std::move(arguments)), place);
    if (!at_->submit(*begun)) throw call_error{make_error_code(errc::closed)};
    static_cast<void>(begun.release());  // it ends itself, and has perhaps
  }

  std::shared_ptr<exchange_core> by_;
  std::shared_ptr<far_process> at_;
  operation_name name_;
};

}  // namespace tryst::detail
