#include <tryst/auth/sys_verifier.hpp>

#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <system_error>
#include <tryst/auth/sys.hpp>
#include <tryst/xdr/byte_order.hpp>
#include <tryst/xdr/reader.hpp>
#include <tryst/xdr/writer.hpp>
#include <vector>

namespace tryst::auth {
namespace {

constexpr std::size_t shorthand_size = 16;
using shorthand = std::array<std::byte, shorthand_size>;

std::uint64_t system_random() {
  std::uint64_t bits = 0;
  if (::getrandom(&bits, sizeof bits, 0) != sizeof bits) {
    throw std::system_error(errno, std::generic_category(), "getrandom");
  }
  return bits;
}

}  // namespace

// The credentials behind the shorthands that were handed out, each for one peer's host.
class sys_verifier::shorthand_cache {
public:
  shorthand_cache(std::size_t capacity, random_source random)
      : capacity_{capacity}, random_{random != nullptr ? random : system_random} {}

  // The shorthand for a credential; the bytes are the caller's.
  shorthand offer(std::string_view peer, std::span<const std::byte> body) {
    const std::lock_guard lock{mutex_};
    const std::string key = key_of(peer, body);
    if (const auto known = by_credential_.find(key); known != by_credential_.end()) {
      entries_.splice(entries_.begin(), entries_, known->second);
      return known->second->id;
    }
    if (entries_.size() >= capacity_) forget_oldest();
    entry fresh{
        .id = {}, .key = key, .peer = std::string{peer}, .body = {body.begin(), body.end()}};
    xdr::store_big(fresh.id.data(), random_());
    xdr::store_big(fresh.id.data() + 8, random_());
    entries_.push_front(std::move(fresh));
    by_credential_.emplace(key, entries_.begin());
    by_id_.emplace(entries_.front().id, entries_.begin());
    return entries_.front().id;
  }

  // Copies the credential's body into `body`; false: unknown, or handed out to another host.
  bool find(std::string_view peer, std::span<const std::byte> id, std::vector<std::byte>& body) {
    if (id.size() != shorthand_size) return false;
    shorthand wanted;
    std::memcpy(wanted.data(), id.data(), shorthand_size);
    const std::lock_guard lock{mutex_};
    const auto known = by_id_.find(wanted);
    if (known == by_id_.end() || known->second->peer != peer) return false;
    body = known->second->body;
    return true;
  }

private:
  struct entry {
    shorthand id;
    std::string key;
    std::string peer;
    std::vector<std::byte> body;
  };

  static std::string key_of(std::string_view peer, std::span<const std::byte> body) {
    std::string key{peer};
    key.push_back('\0');
    key.append(reinterpret_cast<const char*>(body.data()), body.size());
    return key;
  }

  void forget_oldest() {
    const entry& oldest = entries_.back();
    by_credential_.erase(oldest.key);
    by_id_.erase(oldest.id);
    entries_.pop_back();
  }

  std::size_t capacity_;
  random_source random_;
  std::mutex mutex_;
  std::list<entry> entries_;  // the most recently offered first
  std::map<std::string, std::list<entry>::iterator> by_credential_;
  std::map<shorthand, std::list<entry>::iterator> by_id_;
};

sys_verifier::sys_verifier() : sys_verifier{options{}} {}

sys_verifier::sys_verifier(options how)
    : shorthands_{how.shorthands > 0 ? std::make_unique<shorthand_cache>(how.shorthands, how.random)
                                     : nullptr} {}

sys_verifier::~sys_verifier() = default;

bool sys_verifier::judges(flavor f) const noexcept {
  return f == flavor::sys || (f == flavor::shorthand && shorthands_ != nullptr);
}

bool sys_verifier::parse(std::span<const std::byte> body, identity& who) {
  xdr::reader in{body};
  in.get_u32();  // the stamp
  const std::uint32_t name_length = in.get_u32();
  if (!in.ok() || name_length > max_machine_name) return false;
  const auto name = in.take(name_length);
  in.take(xdr::padding_of(name_length));
  who.uid_ = in.get_u32();
  who.gid_ = in.get_u32();
  who.gid_count_ = in.get_u32();
  if (!in.ok() || who.gid_count_ > max_gids) {
    who.gid_count_ = 0;
    return false;
  }
  for (std::uint32_t i = 0; i < who.gid_count_; ++i) who.gids_[i] = in.get_u32();
  // The body is the structure and nothing else.
  if (!in.ok() || in.remaining() != 0) return false;
  // 2^32-1 means "no id" to the system calls that change owners: it must not become one.
  constexpr std::uint32_t no_id = 0xffffffff;
  if (who.uid_ == no_id || who.gid_ == no_id) return false;
  who.machine_name_ = {reinterpret_cast<const char*>(name.data()), name.size()};
  who.flavor_ = flavor::sys;
  return true;
}

verdict sys_verifier::judge(const evidence& call, identity& who) {
  verdict accepted{.arguments = call.arguments};
  if (call.credential.flavor == flavor::sys) {
    if (!parse(call.credential.body, who)) return verdict::refuse(errc::auth_bad_cred);
    if (shorthands_ == nullptr) return accepted;
    thread_local shorthand offered;
    offered = shorthands_->offer(call.peer, call.credential.body);
    accepted.reply = {.flavor = flavor::shorthand, .body = offered};
    return accepted;
  }
  thread_local std::vector<std::byte> remembered;
  if (shorthands_ == nullptr || !shorthands_->find(call.peer, call.credential.body, remembered) ||
      !parse(remembered, who)) {
    return verdict::refuse(errc::auth_rejected_cred);
  }
  // The name would lie in bytes that the next call overwrites.
  who.machine_name_ = {};
  return accepted;
}

}  // namespace tryst::auth
