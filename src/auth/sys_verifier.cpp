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
    entries_.splice(entries_.begin(), entries_, known->second);
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
  std::list<entry> entries_;  // the most recently used first
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
  // Stamp, length of the name, name; uid, gid, number of groups, groups.
  constexpr std::size_t before_name = 8;
  constexpr std::size_t before_groups = 12;
  if (body.size() < before_name + before_groups) return false;
  const auto name_length = xdr::load_big<std::uint32_t>(body.data() + 4);
  if (name_length > max_machine_name) return false;
  const std::size_t end_of_name = before_name + name_length;
  const std::size_t ids = before_name + xdr::padded(name_length);
  if (body.size() < ids + before_groups) return false;
  for (std::size_t i = end_of_name; i < ids; ++i) {
    if (body[i] != std::byte{}) return false;
  }
  const std::byte* const at = body.data() + ids;
  const auto groups = xdr::load_big<std::uint32_t>(at + 8);
  // The body is the structure and nothing else.
  if (groups > max_gids || body.size() != ids + before_groups + 4 * groups) return false;
  who.uid_ = xdr::load_big<std::uint32_t>(at);
  who.gid_ = xdr::load_big<std::uint32_t>(at + 4);
  who.gid_count_ = groups;
  for (std::size_t i = 0; i < groups; ++i) {
    who.gids_[i] = xdr::load_big<std::uint32_t>(at + before_groups + 4 * i);
  }
  // 2^32-1 means "no id" to the system calls that change owners: it must not become one.
  constexpr std::uint32_t no_id = 0xffffffff;
  if (who.uid_ == no_id || who.gid_ == no_id) return false;
  who.machine_name_ = {reinterpret_cast<const char*>(body.data() + before_name), name_length};
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
