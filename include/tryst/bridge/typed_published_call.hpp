// Calls and sends of one procedure as invocations of one operation.
//
// Path: publish.hpp → here → published_call.hpp, rendezvous/outside_call.hpp
#pragma once

#include <tryst/bridge/exception_answers.hpp>
#include <tryst/bridge/published_call.hpp>
#include <tryst/bridge/wire_form.hpp>
#include <tryst/rendezvous/outside_call.hpp>
#include <tryst/rpc/typed_service.hpp>

namespace tryst::detail {

/// A call of P that is an invocation of an operation.
template <class P, class Signature>
class typed_published_call;

template <class P, class R, class... A>
class typed_published_call<P, R(A...)> final : public published_call, outside_call<R(A...)> {
public:
  template <class... Values>
  typed_published_call(rpc::incoming_call&& call, std::shared_ptr<published> by,
                       const exception_answers<R>& answers, op<R(A...)>& of, Values&&... values)
      : published_call{std::move(call), std::move(by)},
        outside_call<R(A...)>{of, std::forward<Values>(values)...},
        answers_{answers} {}

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* memory, std::size_t size) noexcept { free_frame(memory, size); }

private:
  errc queue() noexcept override { return this->arrive(); }
  void take_back(errc why) noexcept override { this->give_up(why); }
  bool undo_it() override { return this->undo(); }
  void ended() noexcept override { invocation_ended(); }
  std::stop_token stop_token() const override { return lost(); }

  void answer() noexcept override {
    for (const errc why : {errc::op_closed, errc::connection_lost}) {
      if (this->ended_by(why)) return end_untaken(why);
    }
    try {
      if constexpr (std::is_void_v<R>) {
        this->result();
        reply(rpc::detail::void_result{});
      } else {
        reply_value(this->result());
      }
    } catch (...) {
      answer_exception(std::current_exception());
    }
  }

  template <class Value>
  void reply_value(Value&& value) {
    typename P::result wire = to_wire(how().caps, std::move(value));
    reply(rpc::detail::typed_result<P>{wire});
  }

  void answer_exception(std::exception_ptr thrown) noexcept {
    try {
      auto made = answers_(thrown);
      if (made && made->index() == 1) return refuse(std::get<1>(*made));
      if (made) {
        if constexpr (std::is_void_v<R>) {
          return reply(rpc::detail::void_result{});
        } else {
          return reply_value(std::move(std::get<0>(*made)));
        }
      }
      if (this->ended_by(errc::not_taken)) return end_untaken(errc::not_taken);
    } catch (...) {
      thrown = std::current_exception();
    }
    refuse_for(std::move(thrown));
  }

  const exception_answers<R>& answers_;  // of the published, which this keeps alive
};

/// A send that came over RPC: answered when it was queued, so that only its failure is of interest.
template <class Signature>
class published_send;

template <class R, class... A>
class published_send<R(A...)> final : public outside_call<R(A...)> {
public:
  template <class... Values>
  published_send(const rpc::call_info& call, std::shared_ptr<published> by, op<R(A...)>& of,
                 Values&&... values)
      : outside_call<R(A...)>{of, std::forward<Values>(values)...},
        by_{std::move(by)},
        peer_{*call.peer},
        call_{call} {
    call_.peer = &peer_;
    call_.caller = call.caller.without_machine_name();
    call_.origin = nullptr;
  }

  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* memory, std::size_t size) noexcept { free_frame(memory, size); }

private:
  void ended() noexcept override {
    const std::unique_ptr<published_send> self{this};
    if (this->ended_by(errc::op_closed)) return;
    try {
      this->result();
    } catch (...) {
      const rpc::handler_error& tell = by_->options().service.on_error;
      if (tell) tell(call_, std::current_exception());
    }
  }

  std::shared_ptr<published> by_;
  rpc::peer_identity peer_;
  rpc::call_info call_;
};

}  // namespace tryst::detail
