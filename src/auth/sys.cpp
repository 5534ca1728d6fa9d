#include <tryst/auth/sys.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <tryst/error.hpp>
#include <tryst/xdr/writer.hpp>

namespace tryst::auth {
namespace {

constexpr std::uint32_t auth_stat_rejectedcred = 2;

void put_field(xdr::byte_buffer& out, flavor f, std::span<const std::byte> body) {
  xdr::writer w{out};
  w.put_u32(static_cast<std::uint32_t>(f));
  w.put_u32(static_cast<std::uint32_t>(body.size()));
  w.put_opaque(body);
}

xdr::byte_buffer ready_made(flavor f, std::span<const std::byte> body) {
  xdr::byte_buffer out;
  put_field(out, f, body);
  put_field(out, flavor::none, {});
  return out;
}

}  // namespace

sys_credential sys_credential::of_this_process() {
  sys_credential who;
  who.stamp = static_cast<std::uint32_t>(std::time(nullptr));
  std::array<char, max_machine_name + 1> name{};
  if (::gethostname(name.data(), name.size() - 1) == 0) who.machine_name = name.data();
  who.uid = ::geteuid();
  who.gid = ::getegid();
  std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
  const int count = ::getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<std::size_t>(std::clamp(count, 0, static_cast<int>(max_gids))));
  who.gids.assign(groups.begin(), groups.end());
  return who;
}

sys::sys(const sys_credential& who) {
  if (who.machine_name.size() > max_machine_name || who.gids.size() > max_gids) {
    throw std::system_error(errc::arguments_invalid, "an AUTH_SYS credential");
  }
  xdr::byte_buffer body;
  xdr::writer w{body};
  w.put_u32(who.stamp);
  w.put_u32(static_cast<std::uint32_t>(who.machine_name.size()));
  w.put_opaque(std::as_bytes(std::span{who.machine_name}));
  w.put_u32(who.uid);
  w.put_u32(who.gid);
  w.put_u32(static_cast<std::uint32_t>(who.gids.size()));
  for (const std::uint32_t gid : who.gids) w.put_u32(gid);
  full_ = ready_made(flavor::sys, body);
}

void sys::put(xdr::byte_buffer& out, std::size_t) {
  const xdr::byte_buffer& ready = shorthand_.empty() ? full_ : shorthand_;
  std::copy_n(ready.data(), ready.size(), out.extend(ready.size()));
}

std::error_code sys::check(std::uint32_t, const opaque_auth& verifier,
                           std::span<const std::byte>&) {
  if (verifier.flavor == flavor::shorthand && !verifier.body.empty()) {
    shorthand_ = ready_made(flavor::shorthand, verifier.body);
    was_offered_ = true;
  }
  return {};
}

bool sys::refresh(std::uint32_t auth_stat) {
  // The server has forgotten the shorthand: only the full credential can help. The same refusal
  // comes to every call that was sent with it, so that one refusal must not spoil the next.
  if (auth_stat != auth_stat_rejectedcred || !was_offered_) return false;
  shorthand_ = {};
  return true;
}

}  // namespace tryst::auth
