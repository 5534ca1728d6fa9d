// AUTH_SYS and AUTH_SHORT at a server (RFC 5531 Appendix A).
#pragma once

#include <memory>
#include <tryst/auth/verifier.hpp>

namespace tryst::auth {

/// Random bits from a generator that a peer cannot predict.
using random_source = std::uint64_t (*)();

/// Accepts every AUTH_SYS credential that is well formed, as the claim that it is.
class sys_verifier final : public verifier {
public:
  struct options {
    /// Hands out shorthands, and remembers so many of them (the oldest go first); 0: none.
    std::size_t shorthands = 0;
    /// Where shorthands come from; null: the system's generator.
    random_source random = nullptr;
  };

  sys_verifier();
  explicit sys_verifier(options how);
  ~sys_verifier() override;

  bool judges(flavor f) const noexcept override;
  verdict judge(const evidence& call, identity& who) override;

private:
  class shorthand_cache;

  static bool parse(std::span<const std::byte> body, identity& who);

  std::unique_ptr<shorthand_cache> shorthands_;
};

}  // namespace tryst::auth
