// What incoming calls have to do with the reply cache.
#include <tryst/error.hpp>
#include <tryst/rpc/service.hpp>

#include "rpc/bytes_result.hpp"
#include "rpc/reply_cache.hpp"
#include "rpc/session.hpp"

namespace tryst::rpc {
namespace {

void answer_as_before(incoming_call& call, const answer& how) {
  if (const auto* const bytes = std::get_if<std::vector<std::byte>>(&how)) {
    call.reply(bytes_result{*bytes});
  } else if (const auto* const why = std::get_if<refusal>(&how)) {
    call.refuse(*why);
  } else {
    call.drop();
  }
}

// It keeps its verifier: the answer is the same, but not what vouches for it.
class waiting_call final : public reply_cache::waiting_copy {
public:
  explicit waiting_call(incoming_call&& call)
      : call_{std::move(call)}, lost_{call_.info().connection_lost()} {
    // If there is no room for that it counts as a call that runs.
    static_cast<void>(call_.set_aside());
  }
  ~waiting_call() override {
    if (!call_.answered()) call_.drop();
  }
  void finish(const answer& as) override { answer_as_before(call_, as); }
  bool lost() const override { return lost_.stop_requested(); }

private:
  incoming_call call_;
  const std::stop_token lost_;
};

}  // namespace

bool incoming_call::begin_cached(const std::shared_ptr<reply_cache>& replies, recall how) {
  using enum reply_cache::state;
  const reply_key key = replies->key_of(info_, arguments_);
  const auto wait = [this]() -> std::unique_ptr<reply_cache::waiting_copy> {
    return std::make_unique<waiting_call>(std::move(*this));
  };
  const auto kind = how == recall::once ? reply_cache::kind::once : reply_cache::kind::evictable;
  const bool datagram = info_.peer->where.kind == address::transport::udp;
  const auto found = replies->begin(key, kind, home().now(), {session_, datagram}, wait);
  switch (found.is) {
    case started:
      cached_ = std::make_unique<cached_reply>(replies, key);
      return true;
    case finished:
      answer_as_before(*this, *found.how);
      return false;
    case refused:
      refuse({.code = errc::not_admitted});
      return false;
    case full:
      refuse({.code = errc::system_err});
      return false;
    case doubled:
    case in_progress:
    case too_large:
      drop();
      return false;
    case attached:
      return false;
  }
  return false;
}

bool incoming_call::has_copy() const { return cached_ && cached_->has_copy(); }

void incoming_call::remember(answer how) {
  if (const auto cached = std::move(cached_)) cached->finish(std::move(how));
}

}  // namespace tryst::rpc
