// An operation that was given away, and its invocations by those who have it.
//
// Path: exchange_core.hpp → here → published_call.hpp, rendezvous/outside_call.hpp
#pragma once

#include <tryst/bridge/exchange_core.hpp>
#include <tryst/bridge/typed_published_call.hpp>
#include <tryst/bridge/wire_form.hpp>

namespace tryst::detail {

/// What a call of the transient program returns.
template <class T>
class far_result final : public rpc::result_encoder {
public:
  /// `value` null: none; a call that was only for now says so.
  far_result(far_form how, bool taken, const T* value) noexcept
      : how_{how}, taken_{taken}, value_{value} {}

  void encode(xdr::writer& w) const override {
    if (how_ == far_form::only_now) xdr::encode(w, taken_);
    if (value_ != nullptr) xdr::encode(w, *value_);
  }

private:
  far_form how_;
  bool taken_;
  const T* value_;
};

/// A call of one that is an invocation of it. The operation may end while it is queued.
template <class Signature>
class exported_call;

template <class R, class... A>
class exported_call<R(A...)> final : public published_call, outside_call<R(A...)> {
public:
  template <class... Values>
  exported_call(rpc::incoming_call&& call, std::shared_ptr<exchange_core> by, far_form how,
                op<R(A...)>& of, Values&&... values)
      : published_call{std::move(call), by},
        outside_call<R(A...)>{of, std::forward<Values>(values)...},
        by_{std::move(by)},
        how_{how} {}

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* memory, std::size_t size) noexcept { free_frame(memory, size); }

private:
  errc queue() noexcept override {
    return how_ == far_form::only_now ? this->arrive_if_wanted() : this->arrive();
  }
  void take_back(errc why) noexcept override { this->give_up(why); }
  bool undo_it() override { return this->undo(); }
  void ended() noexcept override { invocation_ended(); }
  std::stop_token stop_token() const override { return lost(); }

  void answer() noexcept override {
    if (how_ == far_form::only_now && this->ended_by(errc::not_taken)) {
      return reply(far_result<bool>{how_, false, nullptr});
    }
    for (const errc why : {errc::op_closed, errc::not_taken, errc::connection_lost}) {
      if (this->ended_by(why)) return end_untaken(why);
    }
    try {
      if constexpr (std::is_void_v<R>) {
        this->result();
        reply(far_result<bool>{how_, true, nullptr});
      } else {
        const wire_t<R> value = to_wire(by_, this->result());
        reply(far_result<wire_t<R>>{how_, true, &value});
      }
    } catch (...) {
      refuse_for(std::current_exception());
    }
  }

  std::shared_ptr<exchange_core> by_;
  far_form how_;
};

template <class Signature>
class typed_exported_op;

template <class R, class... A>
class typed_exported_op<R(A...)> final : public exported_op {
  using wired = wire_signature<R(A...)>;

public:
  explicit typed_exported_op(std::shared_ptr<op_link> of) noexcept
      : exported_op{std::move(of), typeid(R(A...))} {}

  void serve(far_form how, xdr::reader& in, rpc::incoming_call& call,
             const std::shared_ptr<exchange_core>& by) override {
    const passage way{*link()};
    if (way.to() == nullptr) return call.refuse({.code = errc::proc_unavail});
    auto& of = static_cast<op<R(A...)>&>(*way.to());
    typename wired::arguments wire;
    rpc::detail::decode_tuple<std::tuple<>>(in, wire);
    if (!in.ok() || (in.remaining() > 0 && !by->options().service.lenient)) {
      return call.refuse({.code = errc::garbage_args});
    }
    typename wired::values values;
    if (const std::error_code why =
            all_from_wire(by, call.info().peer->where, std::move(wire), values)) {
      return call.refuse(refusal_of(why));
    }
    if (of.pending() >= by->exchanging().max_pending) return turn_away(call);
    std::apply(
        [&](auto&... each) {
          if constexpr (wired::has_caller) {
            this->invoke(how, call, by, of, caller_of(call.info()), std::move(each)...);
          } else {
            this->invoke(how, call, by, of, std::move(each)...);
          }
        },
        values);
  }

private:
  template <class... Values>
  void invoke(far_form how, rpc::incoming_call& call, const std::shared_ptr<exchange_core>& by,
              op<R(A...)>& of, Values&&... values) {
    if (how == far_form::send) {
      auto sent = std::make_unique<published_send<R(A...)>>(call.info(), by, of,
                                                            std::forward<Values>(values)...);
      const errc why = sent->arrive();
      if (why == errc::op_full) return turn_away(call);
      if (why != errc{}) return call.refuse(by->closed());
      static_cast<void>(sent.release());  // it ends itself, and has perhaps
      call.reply(rpc::detail::void_result{});
      return;
    }
    auto* const queued =
        new exported_call<R(A...)>{std::move(call), by, how, of, std::forward<Values>(values)...};
    queued->begin(by->options().max_wait, std::chrono::milliseconds{0});
  }
};

}  // namespace tryst::detail
