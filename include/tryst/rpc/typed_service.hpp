// An ordinary class as a service: the table of an interface's procedures, and for each the code
// that decodes its arguments, calls its handler and encodes its result.
//
// Path: dispatcher → here → runner.hpp (policy) → handler → incoming_call
#pragma once

#include <algorithm>
#include <array>
#include <exception>
#include <memory>
#include <tryst/rpc/handler.hpp>
#include <tryst/rpc/runner.hpp>
#include <tryst/rpc/service.hpp>
#include <tryst/rpc/typed_coding.hpp>
#include <tryst/task.hpp>
#include <tryst/xdr/borrowed.hpp>
#include <tuple>
#include <utility>

namespace tryst::rpc {

namespace detail {

/// A result on its way into a message; a large one is kept until it is sent.
template <class P>
class typed_result final : public result_encoder {
public:
  using result = typename P::result;
  explicit typed_result(result& value)
      : result_encoder{may_be_large_value<result, typename P::result_description>}, value_{value} {}

  void encode(xdr::writer& w) const override {
    xdr::encode<typename P::result_description>(w, kept_ ? *kept_ : value_);
  }

  std::shared_ptr<void> keep() const override {
    if constexpr (may_be_large_value<result, typename P::result_description>) {
      if (!kept_ &&
          xdr::encoded_size<typename P::result_description>(value_) >= xdr::gather_threshold) {
        kept_ = std::make_shared<result>(std::move(value_));
      }
    }
    return kept_;
  }

private:
  result& value_;
  mutable std::shared_ptr<result> kept_;
};

class void_result final : public result_encoder {
public:
  void encode(xdr::writer&) const override {}
};

/// Says SYSTEM_ERR, or what a thrown refusal says.
void refuse_for(std::exception_ptr thrown, const service_options& options, incoming_call& call);

/// The code for one procedure P of one typed service.
template <class P, class Service>
class procedure_code {
public:
  static void run(Service& service, incoming_call& call, turn t) {
    if constexpr (handler::viewing) {
      run_viewing(service, call, std::move(t));
    } else {
      typename P::arguments arguments;
      xdr::reader in{call.arguments(), {.lenient = service.options().lenient}};
      decode_tuple<typename P::argument_descriptions>(in, arguments);
      if (!accepted(in, service.options())) return call.refuse({.code = errc::garbage_args});
      if constexpr (!handler::exists) {
        answer(call);  // procedure 0
      } else {
        std::apply(
            [&](auto&... values) { handle(service, call, std::move(t), std::move(values)...); },
            arguments);
      }
    }
  }

private:
  using handler = handler_of<P, typename Service::target>;
  using result = typename P::result;

  static bool accepted(const xdr::reader& in, const service_options& options) {
    return in.ok() && (in.remaining() == 0 || options.lenient);
  }

  static void run_viewing(Service& service, incoming_call& call, turn t) {
    using argument = view_argument<typename P::arguments>;
    xdr::reader in{call.arguments(), {.lenient = service.options().lenient}};
    typename argument::view view;
    xdr::decode<description_at_t<typename P::argument_descriptions, 0>>(in, view);
    if (!accepted(in, service.options())) return call.refuse({.code = errc::garbage_args});
    handle(service, call, std::move(t), typename argument::type{std::move(view), call.buffer()});
  }

  static void answer(incoming_call& call) {
    if (P::annotations.oneway) return call.drop();
    call.reply(void_result{});
  }
  static void answer(incoming_call& call, auto&& value) {
    if (P::annotations.oneway) return call.drop();
    call.reply(typed_result<P>{value});
  }

  template <class... A>
  static void handle(Service& service, incoming_call& call, turn t, A&&... arguments) {
    if constexpr (handler::later) {
      t.keep(service.shared_from_this());
      auto sink = std::make_unique<wire_sink>(std::move(call), std::move(t));
      const call_info& info = sink->info();  // lives until the answer
      const call_info copy = info;
      try {
        handler::invoke_later(service.implementation(), rpc::reply<result>{std::move(sink)}, info,
                              std::move(arguments)...);
      } catch (...) {
        // The reply object has answered SYSTEM_ERR when it was destroyed.
        if (const handler_error& tell = service.options().on_error)
          tell(copy, std::current_exception());
      }
    } else {
      using returned =
          decltype(handler::invoke(service.implementation(), call.info(), std::move(arguments)...));
      if constexpr (task_value<returned>::is_task) {
        t.keep(service.shared_from_this());
        loop& home = call.home();
        spawn_here(home, drive(service, std::move(call), std::move(t), std::move(arguments)...),
                   nullptr);
      } else {
        try {
          if constexpr (std::is_void_v<result>) {
            handler::invoke(service.implementation(), call.info(), std::move(arguments)...);
            answer(call);
          } else {
            result value =
                handler::invoke(service.implementation(), call.info(), std::move(arguments)...);
            answer(call, value);
          }
        } catch (...) {
          refuse_for(std::current_exception(), service.options(), call);
        }
      }
    }
  }

  // The process of one call whose handler is a coroutine.
  template <class... A>
  static task<void> drive(Service& service, incoming_call call, [[maybe_unused]] turn t,
                          A... arguments) {
    try {
      if constexpr (std::is_void_v<result>) {
        co_await handler::invoke(service.implementation(), call.info(), std::move(arguments)...);
        answer(call);
      } else {
        result value = co_await handler::invoke(service.implementation(), call.info(),
                                                std::move(arguments)...);
        answer(call, value);
      }
    } catch (...) {
      refuse_for(std::current_exception(), service.options(), call);
    }
  }

  // A call whose handler answers later.
  class wire_sink final : public result_sink<result> {
  public:
    wire_sink(incoming_call&& call, turn t) : call_{std::move(call)}, turn_{std::move(t)} {}
    const call_info& info() const noexcept { return call_.info(); }
    void refuse(const refusal& why) override { call_.refuse(why); }
    void drop() override { call_.drop(); }
    void result(value_of<typename P::result> value) override {
      if constexpr (std::is_void_v<typename P::result>) {
        answer(call_);
      } else {
        answer(call_, value);
      }
    }

  private:
    incoming_call call_;
    turn turn_;
  };
};

}  // namespace detail

/// A service of Interface whose handlers are the members of Implementation.
template <class Interface, class Implementation>
class typed_service final : public service {
public:
  /// The class with the handlers.
  using target = std::unwrap_reference_t<Implementation>;

  typed_service(Implementation implementation, service_options options)
      : implementation_{std::move(implementation)},
        options_{std::move(options)},
        runner_{runner::make(options_.policy)} {}

  interface_id id() const noexcept override { return Interface::id; }
  std::string_view name() const noexcept override { return Interface::name; }
  const auth_policy& auth() const noexcept override { return options_.auth; }
  const service_options& options() const noexcept { return options_; }
  recall recall_of(std::uint32_t procedure, bool datagram) const noexcept override {
    const bool asked = datagram || Interface::procedures::any_once || options_.remember_streams();
    const entry* const found = asked ? find(procedure) : nullptr;
    return found == nullptr ? recall::off
                            : options_.recall_of(procedure, found->annotations, datagram);
  }
  /// The object with the handlers.
  target& implementation() noexcept { return implementation_; }
  /// Who runs the calls; null: whoever makes them.
  rpc::runner* runner() const noexcept { return runner_.get(); }

  void serve(incoming_call& call) override {
    const entry* const found = find(call.info().procedure);
    if (found == nullptr) return call.refuse({.code = errc::proc_unavail});
    if (runner_ == nullptr) return found->run(*this, call, turn{});
    runner_->submit(*new wire_work{*this, *found, std::move(call)});
  }

private:
  struct entry {
    std::uint32_t number;
    procedure_annotations annotations;
    void (*run)(typed_service&, incoming_call&, turn);
  };

  // A call of which the policy says when and where it runs.
  class wire_work final : public work {
  public:
    wire_work(typed_service& to, const entry& procedure, incoming_call&& call)
        : work{call.home()},
          to_{std::static_pointer_cast<typed_service>(to.shared_from_this())},
          procedure_{procedure},
          call_{std::move(call)} {}
    ~wire_work() = default;

    static void* operator new(std::size_t size) { return tryst::detail::allocate_frame(size); }
    static void operator delete(void* memory, std::size_t size) noexcept {
      tryst::detail::free_frame(memory, size);
    }

    void start(turn t) noexcept override {
      const std::unique_ptr<wire_work> self{this};
      procedure_.run(*to_, call_, std::move(t));
    }
    void abandoned() noexcept override { delete this; }

  private:
    std::shared_ptr<typed_service> to_;  // the call may begin when the server has gone
    const entry& procedure_;
    incoming_call call_;
  };

  template <class... P>
  static constexpr auto table_of(procedure_list<P...>) {
    return std::array<entry, sizeof...(P)>{
        entry{P::number, P::annotations, &detail::procedure_code<P, typed_service>::run}...};
  }

  static const entry* find(std::uint32_t number) noexcept {
    static constexpr auto table = table_of(typename Interface::procedures{});
    // Most interfaces number their procedures from 0 or 1 without a hole.
    for (const std::uint32_t guess : {number, number - 1}) {
      if (guess < table.size() && table[guess].number == number) return &table[guess];
    }
    const auto found = std::ranges::lower_bound(table, number, {}, &entry::number);
    if (found != table.end() && found->number == number) return &*found;
    static constexpr entry null_procedure{0, {}, &serve_null};
    return number == 0 ? &null_procedure : nullptr;
  }

  // Procedure 0 exists even where the .x has none (RFC 5531 §12.1).
  static void serve_null(typed_service& service, incoming_call& call, turn) {
    if (!call.arguments().empty() && !service.options().lenient) {
      return call.refuse({.code = errc::garbage_args});
    }
    call.reply(detail::void_result{});
  }

  Implementation implementation_;
  service_options options_;
  std::unique_ptr<rpc::runner> runner_;
};

/// Makes a service of Interface; `implementation` is moved in, or, as a std::reference_wrapper,
/// must outlive the service.
template <class Interface, class Implementation>
std::shared_ptr<typed_service<Interface, Implementation>> make_service(
    Implementation implementation, service_options options = {}) {
  static_assert(service_for<std::unwrap_reference_t<Implementation>, Interface>,
                "a procedure of the interface has no handler in the service class, or one with "
                "other types: see the procedures below, and rpc/handler.hpp for their forms");
  return std::make_shared<typed_service<Interface, Implementation>>(std::move(implementation),
                                                                    std::move(options));
}

}  // namespace tryst::rpc
