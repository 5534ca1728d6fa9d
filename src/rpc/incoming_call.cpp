#include <tryst/rpc/incoming_call.hpp>

#include <cstring>
#include <tryst/auth/verifier.hpp>
#include <tryst/error.hpp>
#include <tryst/rpc/connection.hpp>
#include <tryst/rpc/message.hpp>
#include <utility>

#include "rpc/reply_cache.hpp"
#include "rpc/session.hpp"

namespace tryst::rpc {
namespace {

// An answer on its way from another thread to the session's loop.
class posted_answer final : public job {
public:
  posted_answer(std::shared_ptr<session> to, std::uint32_t generation,
                std::optional<set_aside_call> aside, xdr::byte_buffer message = {},
                std::vector<xdr::reference> references = {}, std::shared_ptr<void> kept = nullptr)
      : to_{std::move(to)},
        generation_{generation},
        aside_{aside},
        message_{std::move(message)},
        references_{std::move(references)},
        kept_{std::move(kept)} {}

  void run() noexcept override {
    const std::unique_ptr<posted_answer> self{this};
    if (to_->attached_as(generation_) && !message_.empty()) append();
    to_->deferred_call_over(aside_);
  }

  void abandoned() noexcept override { delete this; }

private:
  void append() {
    xdr::byte_buffer& out = to_->begin_message();
    const std::size_t begin = out.size();
    std::memcpy(out.extend(message_.size()), message_.data(), message_.size());
    if (references_.empty()) return to_->end_message();
    for (xdr::reference& r : references_) r.offset_in_buffer += begin;
    to_->end_message(std::move(references_), std::move(kept_));
  }

  std::shared_ptr<session> to_;
  std::uint32_t generation_;
  std::optional<set_aside_call> aside_;
  xdr::byte_buffer message_;
  std::vector<xdr::reference> references_;
  std::shared_ptr<void> kept_;
};

struct encoded_result {
  std::vector<xdr::reference> references;
  std::shared_ptr<void> kept;  // the bytes that the references are to
  errc why{};

  // Why it cannot be sent in a message that has so many bytes without what is referred to.
  errc failure(std::uint64_t size, const session_limits& limits) const {
    if (why != errc{}) return why;
    for (const xdr::reference& r : references) size += r.bytes.size();
    return size > limits.record.max_bytes ? errc::record_too_large : errc{};
  }
};

// Appends a result to `out`; all of it if it shall be `whole`.
encoded_result encode(const result_encoder& result, bool whole, xdr::byte_buffer& out) {
  encoded_result made;
  if (!whole && result.may_be_large()) made.kept = result.keep();
  if (made.kept) {
    xdr::writer w{out, made.references};
    result.encode(w);
    made.why = w.why();
  } else {
    xdr::writer w{out};
    result.encode(w);
    made.why = w.why();
  }
  return made;
}

}  // namespace

incoming_call::incoming_call(session& s, const call_header& call,
                             std::span<const std::byte> arguments, const xdr::buffer_ref& buffer)
    : info_{.interface = call.interface,
            .procedure = call.procedure,
            .xid = call.xid,
            .peer = &s.peer(),
            .caller = {},
            .origin = &s},
      arguments_{arguments},
      buffer_{&buffer},
      session_{&s},
      generation_{s.generation()} {}

void incoming_call::accept(const auth::verdict& judged) {
  arguments_ = judged.arguments;
  if (judged.reply.flavor != auth::flavor::none) keep_verifier(judged.reply);
}

incoming_call::incoming_call(incoming_call&& other) noexcept
    : info_{other.info_},
      arguments_{other.arguments_},
      buffer_{&own_buffer_},
      own_buffer_{other.owner_ ? std::move(other.own_buffer_) : *other.buffer_},
      session_{std::exchange(other.session_, nullptr)},
      owner_{std::move(other.owner_)},
      generation_{other.generation_},
      listener_{std::exchange(other.listener_, nullptr)},
      verifier_{std::move(other.verifier_)},
      cached_{std::move(other.cached_)},
      aside_{other.aside_},
      verifier_flavor_{other.verifier_flavor_} {
  if (session_ == nullptr || owner_) return;
  // It leaves the turn that received it.
  owner_ = session_->shared_from_this();
  session_->call_deferred();
}

incoming_call::~incoming_call() {
  if (!answered()) refuse({.code = errc::system_err});
}

loop& incoming_call::home() const noexcept { return session_->home(); }

void incoming_call::keep_verifier(const auth::opaque_auth& verifier) {
  verifier_flavor_ = verifier.flavor;
  verifier_ = std::make_unique<xdr::byte_buffer>();
  if (!verifier.body.empty()) {
    std::memcpy(verifier_->extend(verifier.body.size()), verifier.body.data(),
                verifier.body.size());
  }
}

auth::opaque_auth incoming_call::verifier() const noexcept {
  if (!verifier_) return {};
  return {.flavor = verifier_flavor_, .body = *verifier_};
}

std::error_code incoming_call::reply(const result_encoder& result) {
  const bool here = !owner_ || home().running_here();
  const bool lost = here && !session_->attached_as(generation_);
  if (here && !lost) return reply_here(result);
  if (lost && !cached_) {
    over();
    return make_error_code(errc::connection_lost);
  }
  xdr::byte_buffer message;
  put_success(message, info_.xid, verifier());
  const std::size_t begin = message.size();
  encoded_result made = encode(result, cached_ != nullptr, message);
  if (const errc failed = made.failure(message.size(), session_->limits()); failed != errc{}) {
    return refuse_unsendable(failed);
  }
  tell(std::span<const std::byte>{message}.subspan(begin));
  if (lost) {
    over();
    return make_error_code(errc::connection_lost);
  }
  loop& to = home();
  session_ = nullptr;
  to.post(*new posted_answer{std::move(owner_), generation_, aside(), std::move(message),
                             std::move(made.references), std::move(made.kept)});
  return {};
}

// Straight into what the session sends.
std::error_code incoming_call::reply_here(const result_encoder& result) {
  xdr::byte_buffer& out = session_->begin_message();
  if (verifier_) {
    put_success(out, info_.xid, verifier());
  } else {
    put_plain_success(out.extend(plain_success_size), info_.xid);
  }
  const std::size_t begin = out.size();
  encoded_result made = encode(result, cached_ != nullptr, out);
  if (const errc failed = made.failure(session_->message_size(), session_->limits());
      failed != errc{}) {
    session_->abandon_message();
    return refuse_unsendable(failed);
  }
  tell(std::span<const std::byte>{out}.subspan(begin));
  if (made.references.empty()) {
    session_->end_message();
  } else {
    session_->end_message(std::move(made.references), std::move(made.kept));
  }
  over();
  return {};
}

std::error_code incoming_call::refuse_unsendable(errc why) {
  if (why == errc::record_too_large) session_->note_oversized();
  refuse({.code = errc::system_err});
  return make_error_code(why);
}

void incoming_call::tell(std::span<const std::byte> result) {
  if (cached_) remember(std::vector(result.begin(), result.end()));
  if (listener_ != nullptr) std::exchange(listener_, nullptr)->answered(info_, {}, result);
}

void incoming_call::refuse(const refusal& why) {
  if (cached_) remember(why);
  if (listener_ != nullptr) std::exchange(listener_, nullptr)->answered(info_, why, {});
  if (!owner_ || home().running_here()) {
    if (session_->attached_as(generation_)) {
      put_refusal(session_->begin_message(), info_.xid, why, verifier());
      session_->end_message();
    }
    return over();
  }
  xdr::byte_buffer message;
  put_refusal(message, info_.xid, why, verifier());
  loop& to = home();
  session_ = nullptr;
  to.post(*new posted_answer{std::move(owner_), generation_, aside(), std::move(message)});
}

void incoming_call::drop() {
  if (cached_) remember({});
  end_unanswered();
}

void incoming_call::forget() {
  if (const auto cached = std::move(cached_)) cached->forget();
  end_unanswered();
}

void incoming_call::end_unanswered() {
  if (listener_ != nullptr) std::exchange(listener_, nullptr)->answered(info_, {}, {});
  if (!owner_ || home().running_here()) return over();
  loop& to = home();
  session_ = nullptr;
  to.post(*new posted_answer{std::move(owner_), generation_, aside()});
}

// On the session's loop: the call is answered.
void incoming_call::over() noexcept {
  session* const answered = std::exchange(session_, nullptr);
  if (const std::shared_ptr<session> owner = std::move(owner_)) {
    answered->deferred_call_over(aside());
  }
}

std::optional<set_aside_call> incoming_call::aside() const noexcept {
  if (!aside_) return std::nullopt;
  return set_aside_call{info_.interface, info_.procedure, *aside_};
}

bool incoming_call::set_aside() {
  aside_ = static_cast<std::uint32_t>(arguments_.size());
  if (!session_->set_aside(*aside())) {
    aside_.reset();
    return false;
  }
  arguments_ = {};
  own_buffer_ = {};
  info_.caller = info_.caller.without_machine_name();
  return true;
}

std::stop_token call_info::connection_lost() const {
  return origin != nullptr ? origin->connection_lost() : std::stop_token{};
}

rpc::connection call_info::connection() const {
  return rpc::connection{origin->shared_from_this()};
}

}  // namespace tryst::rpc
