#include "rpc/socket_transport.hpp"

#include <utility>

namespace tryst::rpc {

socket_transport::socket_transport(loop& home, socket opened, peer_identity peer)
    : home_{home}, socket_{std::move(opened)}, peer_{std::move(peer)} {}

socket_transport::~socket_transport() {
  if (user_ != nullptr && socket_) home_.forget(socket_.descriptor(), *this);
}

void socket_transport::start(user& u) {
  user_ = &u;
  if (const auto why = home_.add(socket_.descriptor(), *this, reading_, writing_)) close(why);
}

void socket_transport::flush_soon() {
  if (flush_queued_ || blocked_ || closing_) return;
  flush_queued_ = true;
  home_.at_turn_end(flush_job_);
}

void socket_transport::flush_job::run() noexcept {
  owner.flush_queued_ = false;
  owner.flush();
}

void socket_transport::finish_sending() {
  finishing_ = true;
  flush_soon();
}

void socket_transport::close(std::error_code why) {
  if (closing_) return;
  closing_ = why;
  if (user_ != nullptr) home_.forget(socket_.descriptor(), *this);
  socket_ = {};
  home_.schedule(close_job_);
}

void socket_transport::close_job::run() noexcept {
  // The last thing that happens here: the user destroys the transport.
  if (owner.flush_queued_ || owner.job_queued()) return owner.home_.schedule(*this);
  owner.user_->on_closed(owner.closing_);
}

void socket_transport::watch_for(bool read, bool write) {
  if (closing_ || (read == reading_ && write == writing_)) return;
  reading_ = read;
  writing_ = write;
  home_.change(socket_.descriptor(), *this, read, write);
}

}  // namespace tryst::rpc
