#include <tryst/rpc/memory_transport.hpp>

#include <array>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <tryst/error.hpp>
#include <tryst/rpc/record.hpp>
#include <utility>

namespace tryst::rpc {
namespace {

constexpr std::uint64_t high_water = 1024 * 1024;

class memory_end;

// Whole messages, each behind its mark.
struct chunk {
  xdr::buffer_ref bytes;
  std::size_t size = 0;
};

// What the two ends share. Each end's half is written by the other end and read by itself.
struct shared_state {
  struct half {
    memory_end* end = nullptr;  // null when it is gone
    std::deque<chunk> chunks;
    std::uint64_t waiting = 0;  // bytes in chunks
    bool finished = false;      // the other end sends no more
    bool closed = false;        // the other end is closed
    bool sender_blocked = false;
  };

  std::mutex mutex;
  std::array<half, 2> halves;
};

class memory_end final : public transport {
public:
  memory_end(loop& home, std::shared_ptr<shared_state> shared, std::size_t side)
      : home_{home}, shared_{std::move(shared)}, side_{side} {
    mine().end = this;
  }

  ~memory_end() override {
    const std::lock_guard lock{shared_->mutex};
    mine().end = nullptr;
    tell_other_that_we_closed();
  }

  void start(user& u) override {
    user_ = &u;
    wake();
  }

  void flush_soon() override {
    if (flush_queued_ || blocked_ || closing_) return;
    flush_queued_ = true;
    home_.at_turn_end(flush_job_);
  }

  bool blocked() const noexcept override { return blocked_; }

  void resume_reading() override {
    if (!paused_) return;
    paused_ = false;
    wake();
  }

  void finish_sending() override {
    finishing_ = true;
    flush_soon();
  }

  void close(std::error_code why) override {
    if (closing_) return;
    closing_ = why;
    const std::lock_guard lock{shared_->mutex};
    tell_other_that_we_closed();
    wake();
  }

  bool inside_message() const noexcept override { return false; }
  std::uint64_t received() const noexcept override { return received_; }
  void shrink() override {}
  const peer_identity& peer() const noexcept override { return peer_; }

private:
  struct flush_job final : job {
    memory_end& owner;
    explicit flush_job(memory_end& e) : owner{e} {}
    void run() noexcept override {
      owner.flush_queued_ = false;
      owner.flush();
    }
  };

  // Posted from either end's thread; it may outlive the end that it is for.
  struct wake_job final : job {
    std::shared_ptr<shared_state> shared;
    std::size_t side;

    wake_job(std::shared_ptr<shared_state> s, std::size_t n) : shared{std::move(s)}, side{n} {}
    void run() noexcept override {
      const std::unique_ptr<wake_job> self{this};
      if (memory_end* const end = target()) end->work();
    }
    // The loop has ended: an end that is closing must still say so, for its user waits for that.
    void abandoned() noexcept override {
      const std::unique_ptr<wake_job> self{this};
      if (memory_end* const end = target()) end->tell_closed();
    }

    memory_end* target() const {
      const std::lock_guard lock{shared->mutex};
      return shared->halves[side].end;
    }
  };

  shared_state::half& mine() noexcept { return shared_->halves[side_]; }
  shared_state::half& other() noexcept { return shared_->halves[1 - side_]; }

  void wake() { home_.post(*new wake_job{shared_, side_}); }
  // REQUIRES: the mutex is held.
  void wake_other() {
    if (other().end != nullptr) other().end->wake();
  }
  void tell_other_that_we_closed() {
    other().closed = true;
    wake_other();
  }

  // Tells the user that this end is closed, once; the user may destroy it then.
  void tell_closed() {
    if (user_ == nullptr || !closing_ || told_close_) return;
    told_close_ = true;
    user_->on_closed(closing_);
  }

  void flush();
  void work();
  bool take_chunk();
  void deliver();

  loop& home_;
  std::shared_ptr<shared_state> shared_;
  std::size_t side_;
  user* user_ = nullptr;
  peer_identity peer_;
  chunk chunk_;  // the messages that are being delivered
  std::size_t read_ = 0;
  std::uint64_t received_ = 0;
  std::error_code closing_;
  flush_job flush_job_{*this};
  bool flush_queued_ = false;
  bool blocked_ = false;
  bool paused_ = false;
  bool finishing_ = false;
  bool told_end_ = false;
  bool told_close_ = false;
};

void memory_end::flush() {
  outbox& queue = out();
  if (!queue.empty()) {
    const std::lock_guard lock{shared_->mutex};
    shared_state::half& to = other();
    if (to.closed || to.end == nullptr) return;  // on_closed is on its way
    chunk next{xdr::buffer_ref::allocate(queue.pending()), queue.pending()};
    std::size_t at = 0;
    while (!queue.empty()) {
      std::array<iovec, 16> parts;
      std::size_t copied = 0;
      for (std::size_t i = 0, used = queue.gather(parts); i < used; ++i) {
        std::memcpy(next.bytes.data() + at + copied, parts[i].iov_base, parts[i].iov_len);
        copied += parts[i].iov_len;
      }
      at += copied;
      queue.took(copied);
    }
    to.waiting += next.size;
    to.chunks.push_back(std::move(next));
    to.sender_blocked = blocked_ = to.waiting >= high_water;
    wake_other();
  }
  user_->on_sent();
  if (!finishing_) return;
  const std::lock_guard lock{shared_->mutex};
  other().finished = true;
  wake_other();
}

// The chunk in hand has been delivered: on to the next, if there is one.
bool memory_end::take_chunk() {
  const std::lock_guard lock{shared_->mutex};
  shared_state::half& from = mine();
  from.waiting -= chunk_.size;
  chunk_ = {};
  read_ = 0;
  if (from.sender_blocked && from.waiting < high_water) {
    from.sender_blocked = false;
    wake_other();
  }
  if (from.chunks.empty()) return false;
  chunk_ = std::move(from.chunks.front());
  from.chunks.pop_front();
  received_ += chunk_.size;
  return true;
}

void memory_end::deliver() {
  while (!paused_ && !closing_) {
    if (read_ == chunk_.size && !take_chunk()) return;
    const std::byte* const mark = chunk_.bytes.data() + read_;
    const std::size_t size = record_mark_length(mark);
    read_ += 4 + size;
    paused_ = !user_->on_message({mark + 4, size}, chunk_.bytes);
  }
}

// Everything that the other end, or a pause, makes us do.
void memory_end::work() {
  if (user_ == nullptr) return;
  deliver();
  const bool was_blocked = blocked_;
  bool end_of_messages = false;
  {
    const std::lock_guard lock{shared_->mutex};
    if (blocked_ && !other().sender_blocked) blocked_ = false;
    const bool drained = mine().chunks.empty() && read_ == chunk_.size;
    if (mine().closed && drained && !closing_) closing_ = make_error_code(errc::connection_lost);
    end_of_messages =
        mine().finished && drained && !std::exchange(told_end_, mine().finished && drained);
  }
  if (closing_) {
    if (flush_queued_) return wake();  // the turn has not ended, and its end knows us
    return tell_closed();
  }
  if (end_of_messages) user_->on_end_of_messages();
  if (was_blocked && !blocked_) {
    user_->on_sent();
    flush_soon();
  }
}

}  // namespace

std::pair<std::unique_ptr<transport>, std::unique_ptr<transport>> memory_pair(loop& first,
                                                                              loop& second) {
  auto shared = std::make_shared<shared_state>();
  auto a = std::make_unique<memory_end>(first, shared, 0);
  auto b = std::make_unique<memory_end>(second, shared, 1);
  return {std::move(a), std::move(b)};
}

}  // namespace tryst::rpc
