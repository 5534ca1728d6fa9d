// What tryst-gen makes of bench.x, by hand until it can.
#pragma once

#include <tryst/rpc/program.hpp>
#include <tryst/xdr/codec.hpp>

namespace bench {

struct pair {
  std::uint32_t a{};
  std::uint32_t b{};

  bool operator==(const pair&) const = default;

  template <class Self, class Visit>
  [[gnu::always_inline]] static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("a", self.a);
    visit("b", self.b);
  }
};

using payload = std::vector<std::byte>;

// program BENCH = 0x20000b3c, version BENCH_V1 = 1
struct BENCH_V1 {
  static constexpr tryst::rpc::interface_id id{0x20000b3c, 1};
  static constexpr std::string_view program_name = "BENCH";
  static constexpr std::string_view name = "BENCH_V1";

  struct ADD : tryst::rpc::procedure<1, std::uint32_t(pair)> {
    using version = BENCH_V1;
    static constexpr std::string_view name = "ADD";

    template <class Service, class... Arguments>
    static constexpr auto invoke(Service& service, Arguments&&... arguments)
        -> decltype(service.ADD(std::forward<Arguments>(arguments)...)) {
      return service.ADD(std::forward<Arguments>(arguments)...);
    }
  };

  struct ECHO : tryst::rpc::procedure<2, payload(payload)> {
    using version = BENCH_V1;
    static constexpr std::string_view name = "ECHO";

    template <class Service, class... Arguments>
    static constexpr auto invoke(Service& service, Arguments&&... arguments)
        -> decltype(service.ECHO(std::forward<Arguments>(arguments)...)) {
      return service.ECHO(std::forward<Arguments>(arguments)...);
    }
  };

  using procedures = tryst::rpc::procedure_list<ADD, ECHO>;

  // Calls BENCH_V1 through a caller: a connection, a datagram socket, or this very process.
  template <class Caller>
  class stub;
};

template <class Caller>
class BENCH_V1::stub {
public:
  explicit stub(Caller& caller) : caller_{caller} {}

  auto ADD(pair arg1, auto&&... how) const {
    return caller_.template call<BENCH_V1::ADD>(std::forward_as_tuple(std::move(arg1)),
                                                std::forward<decltype(how)>(how)...);
  }

  auto ECHO(payload arg1, auto&&... how) const {
    return caller_.template call<BENCH_V1::ECHO>(std::forward_as_tuple(std::move(arg1)),
                                                 std::forward<decltype(how)>(how)...);
  }

private:
  Caller& caller_;
};

}  // namespace bench
