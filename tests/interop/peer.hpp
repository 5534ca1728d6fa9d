// peer.x in C++.
#pragma once

#include <tryst/rpc/program.hpp>
#include <tryst/xdr/codec.hpp>

namespace peer {

struct pair {
  std::int32_t a{};
  std::int32_t b{};

  bool operator==(const pair&) const = default;

  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("a", self.a);
    visit("b", self.b);
  }
};

class quotient {
public:
  bool known() const { return arm_.index() == 0; }

  const pair* parts() const { return std::get_if<0>(&arm_); }
  const std::string* why() const { return std::get_if<1>(&arm_); }

  void set_parts(pair v) { arm_.emplace<0>(std::move(v)); }
  void set_why(std::string v) { arm_.emplace<1>(std::move(v)); }

  bool operator==(const quotient&) const = default;

  using xdr_discriminant = bool;
  static constexpr std::string_view xdr_discriminant_name = "known";
  bool xdr_which() const { return known(); }

  bool xdr_select(bool known) {
    switch (static_cast<std::int32_t>(known)) {
      case true:
        arm_.emplace<0>();
        return true;
      case false:
        arm_.emplace<1>();
        return true;
    }
    return false;
  }

  template <class Self, class Visit>
  static constexpr void xdr_arm(Self& self, Visit&& visit) {
    switch (self.arm_.index()) {
      case 0:
        return visit("parts", *std::get_if<0>(&self.arm_));
      case 1:
        return visit("why", *std::get_if<1>(&self.arm_), tryst::xdr::at_most<80>{});
    }
  }

  template <class Visit>
  static constexpr void xdr_each_arm(Visit&& visit) {
    visit(tryst::xdr::type<pair>{});
    visit(tryst::xdr::type<std::string>{}, tryst::xdr::at_most<80>{});
  }

private:
  std::variant<pair, std::string> arm_;
};

using payload = std::vector<std::byte>;
using numbers = std::vector<std::int32_t>;

enum refusal : std::int32_t {
  GARBAGE = 1,
  SYSTEM = 2,
  BAD_CREDENTIAL = 3,
  REJECTED_CREDENTIAL = 4,
  BAD_VERIFIER = 5,
  REJECTED_VERIFIER = 6,
  TOO_WEAK = 7,
};

template <class Visit>
constexpr void xdr_enumerators(tryst::xdr::type<refusal>, Visit&& visit) {
  visit("GARBAGE", GARBAGE);
  visit("SYSTEM", SYSTEM);
  visit("BAD_CREDENTIAL", BAD_CREDENTIAL);
  visit("REJECTED_CREDENTIAL", REJECTED_CREDENTIAL);
  visit("BAD_VERIFIER", BAD_VERIFIER);
  visit("REJECTED_VERIFIER", REJECTED_VERIFIER);
  visit("TOO_WEAK", TOO_WEAK);
}

struct identity {
  std::string machine;
  std::int32_t uid{};
  std::int32_t gid{};
  std::vector<std::int32_t> groups;

  bool operator==(const identity&) const = default;

  template <class Self, class Visit>
  static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("machine", self.machine, tryst::xdr::at_most<255>{});
    visit("uid", self.uid);
    visit("gid", self.gid);
    visit("groups", self.groups, tryst::xdr::at_most<16>{});
  }
};

struct PEER_V2 {
  static constexpr tryst::rpc::interface_id id{0x20000104, 2};
  static constexpr std::string_view program_name = "PEER_PROG";
  static constexpr std::string_view name = "PEER_V2";

  struct ADD : tryst::rpc::procedure<1, std::int32_t(pair)> {
    using version = PEER_V2;
    static constexpr std::string_view name = "ADD";

    template <class Service, class... Arguments>
    static constexpr auto invoke(Service& service, Arguments&&... arguments)
        -> decltype(service.ADD(std::forward<Arguments>(arguments)...)) {
      return service.ADD(std::forward<Arguments>(arguments)...);
    }
  };

  struct DIVIDE : tryst::rpc::procedure<2, quotient(std::int32_t, std::int32_t, std::string)> {
    using version = PEER_V2;
    static constexpr std::string_view name = "DIVIDE";

    template <class Service, class... Arguments>
    static constexpr auto invoke(Service& service, Arguments&&... arguments)
        -> decltype(service.DIVIDE(std::forward<Arguments>(arguments)...)) {
      return service.DIVIDE(std::forward<Arguments>(arguments)...);
    }
  };

  struct REPEAT : tryst::rpc::procedure<3, payload(payload)> {
    using version = PEER_V2;
    static constexpr std::string_view name = "REPEAT";

    template <class Service, class... Arguments>
    static constexpr auto invoke(Service& service, Arguments&&... arguments)
        -> decltype(service.REPEAT(std::forward<Arguments>(arguments)...)) {
      return service.REPEAT(std::forward<Arguments>(arguments)...);
    }
  };

  struct REPEAT_NUMBERS : tryst::rpc::procedure<4, numbers(numbers)> {
    using version = PEER_V2;
    static constexpr std::string_view name = "REPEAT_NUMBERS";

    template <class Service, class... Arguments>
    static constexpr auto invoke(Service& service, Arguments&&... arguments)
        -> decltype(service.REPEAT_NUMBERS(std::forward<Arguments>(arguments)...)) {
      return service.REPEAT_NUMBERS(std::forward<Arguments>(arguments)...);
    }
  };

  struct REFUSE : tryst::rpc::procedure<5, std::int32_t(refusal)> {
    using version = PEER_V2;
    static constexpr std::string_view name = "REFUSE";

    template <class Service, class... Arguments>
    static constexpr auto invoke(Service& service, Arguments&&... arguments)
        -> decltype(service.REFUSE(std::forward<Arguments>(arguments)...)) {
      return service.REFUSE(std::forward<Arguments>(arguments)...);
    }
  };

  struct PUT : tryst::rpc::procedure<6, void(std::int32_t)> {
    using version = PEER_V2;
    static constexpr std::string_view name = "PUT";
    static constexpr tryst::rpc::procedure_annotations annotations{.oneway = true};

    template <class Service, class... Arguments>
    static constexpr auto invoke(Service& service, Arguments&&... arguments)
        -> decltype(service.PUT(std::forward<Arguments>(arguments)...)) {
      return service.PUT(std::forward<Arguments>(arguments)...);
    }
  };

  struct TOTAL : tryst::rpc::procedure<7, std::int32_t()> {
    using version = PEER_V2;
    static constexpr std::string_view name = "TOTAL";

    template <class Service, class... Arguments>
    static constexpr auto invoke(Service& service, Arguments&&... arguments)
        -> decltype(service.TOTAL(std::forward<Arguments>(arguments)...)) {
      return service.TOTAL(std::forward<Arguments>(arguments)...);
    }
  };

  struct WHO : tryst::rpc::procedure<8, identity()> {
    using version = PEER_V2;
    static constexpr std::string_view name = "WHO";

    template <class Service, class... Arguments>
    static constexpr auto invoke(Service& service, Arguments&&... arguments)
        -> decltype(service.WHO(std::forward<Arguments>(arguments)...)) {
      return service.WHO(std::forward<Arguments>(arguments)...);
    }
  };

  using procedures =
      tryst::rpc::procedure_list<ADD, DIVIDE, REPEAT, REPEAT_NUMBERS, REFUSE, PUT, TOTAL, WHO>;

  template <class Caller>
  class stub;
};

template <class Caller>
class PEER_V2::stub {
public:
  explicit stub(Caller& caller) : caller_{caller} {}

  auto ADD(pair arg1, auto&&... how) const {
    return caller_.template call<PEER_V2::ADD>(std::forward_as_tuple(std::move(arg1)),
                                               std::forward<decltype(how)>(how)...);
  }

  auto DIVIDE(std::int32_t arg1, std::int32_t arg2, std::string arg3, auto&&... how) const {
    return caller_.template call<PEER_V2::DIVIDE>(
        std::forward_as_tuple(std::move(arg1), std::move(arg2), std::move(arg3)),
        std::forward<decltype(how)>(how)...);
  }

  auto REPEAT(payload arg1, auto&&... how) const {
    return caller_.template call<PEER_V2::REPEAT>(std::forward_as_tuple(std::move(arg1)),
                                                  std::forward<decltype(how)>(how)...);
  }

  auto REPEAT_NUMBERS(numbers arg1, auto&&... how) const {
    return caller_.template call<PEER_V2::REPEAT_NUMBERS>(std::forward_as_tuple(std::move(arg1)),
                                                          std::forward<decltype(how)>(how)...);
  }

  auto REFUSE(refusal arg1, auto&&... how) const {
    return caller_.template call<PEER_V2::REFUSE>(std::forward_as_tuple(std::move(arg1)),
                                                  std::forward<decltype(how)>(how)...);
  }

  auto PUT(std::int32_t arg1, auto&&... how) const {
    return caller_.template call<PEER_V2::PUT>(std::forward_as_tuple(std::move(arg1)),
                                               std::forward<decltype(how)>(how)...);
  }

  auto TOTAL(auto&&... how) const {
    return caller_.template call<PEER_V2::TOTAL>(std::forward_as_tuple(),
                                                 std::forward<decltype(how)>(how)...);
  }

  auto WHO(auto&&... how) const {
    return caller_.template call<PEER_V2::WHO>(std::forward_as_tuple(),
                                               std::forward<decltype(how)>(how)...);
  }

private:
  Caller& caller_;
};

struct PEER_V4 {
  static constexpr tryst::rpc::interface_id id{0x20000104, 4};
  static constexpr std::string_view program_name = "PEER_PROG";
  static constexpr std::string_view name = "PEER_V4";

  struct SUBTRACT : tryst::rpc::procedure<1, std::int32_t(pair)> {
    using version = PEER_V4;
    static constexpr std::string_view name = "SUBTRACT";

    template <class Service, class... Arguments>
    static constexpr auto invoke(Service& service, Arguments&&... arguments)
        -> decltype(service.SUBTRACT(std::forward<Arguments>(arguments)...)) {
      return service.SUBTRACT(std::forward<Arguments>(arguments)...);
    }
  };

  using procedures = tryst::rpc::procedure_list<SUBTRACT>;

  template <class Caller>
  class stub;
};

template <class Caller>
class PEER_V4::stub {
public:
  explicit stub(Caller& caller) : caller_{caller} {}

  auto SUBTRACT(pair arg1, auto&&... how) const {
    return caller_.template call<PEER_V4::SUBTRACT>(std::forward_as_tuple(std::move(arg1)),
                                                    std::forward<decltype(how)>(how)...);
  }

private:
  Caller& caller_;
};

}  // namespace peer
