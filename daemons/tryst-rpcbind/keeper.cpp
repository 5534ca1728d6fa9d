#include "keeper.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <tryst/binder/netid.hpp>
#include <tryst/binder/saved_entries.hpp>
#include <tryst/rpc/metrics.hpp>

namespace tryst::rpcbind {
namespace {

constexpr std::chrono::seconds metrics_interval{15};

void complain(std::string_view what, const std::error_code& why) {
  std::cerr << "tryst-rpcbind: " << what << ": " << why.message() << '\n';
}

}  // namespace

void state_keeper::restore(
    binder::binder& book,
    const std::function<bool(binder::netid, const binder::universal_address&)>& is_served) {
  const auto text = where_.read();
  if (!text) return complain("the saved entries cannot be read", text.error());
  if (text->empty()) return;
  const auto entries = binder::load_entries(*text);
  if (!entries) return complain("the saved entries are passed over", entries.error());
  for (const binder::entry& e : *entries) {
    const auto id = binder::find_netid(e.netid);
    const auto where = binder::universal_address::parse(e.address);
    const bool gone = id && where && !is_served(*id, *where);
    if (e.interface.program != binder::binder_program && !gone) book.set(e);
  }
}

void state_keeper::changed(const binder::registry& entries) {
  entries_.clear();
  for (const auto& [key, e] : entries.entries()) entries_.push_back(e);
  if (queued_) return;
  queued_ = true;
  home_.at_turn_end(*this);
}

void state_keeper::run() noexcept {
  queued_ = false;
  if (const auto failed = where_.write(binder::save_entries(entries_))) {
    complain("the entries cannot be saved", failed);
  }
}

metrics_writer::metrics_writer(loop& home, std::filesystem::path file, const binder::binder& book,
                               const rpc::server& server)
    : home_{home}, file_{std::move(file)}, book_{book}, server_{server} {
  expired();
}

metrics_writer::~metrics_writer() { home_.disarm(*this); }

void metrics_writer::expired() noexcept {
  const std::string unfinished = file_.string() + ".new";
  const int out =
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
  std::error_code failed{errno, std::generic_category()};
  if (out >= 0) {
    failed = write_all(out, metrics_text(book_, server_.counters()));
    ::close(out);
    if (!failed) std::filesystem::rename(unfinished, file_, failed);
  }
  if (failed) complain(file_.string(), failed);
  home_.arm(*this, home_.now() + metrics_interval);
}

std::string metrics_text(const binder::binder& book, const rpc::server_counters& connections) {
  std::string text;
  const auto add = [&](std::string_view name, std::uint64_t value, std::string_view labels = {}) {
    text += "tryst_rpcbind_";
    text += name;
    text += labels;
    text += ' ';
    text += std::to_string(value);
    text += '\n';
  };
  add("entries", book.entries().size());
  text += rpc::text_of(connections, "tryst_rpcbind_");
  const auto statistics = book.statistics();
  for (std::size_t i = 0; i < statistics.size(); ++i) {
    const std::string version = "{version=\"" + std::to_string(i + 2) + "\"";
    add("set_total", statistics[i].sets, version + "}");
    add("unset_total", statistics[i].unsets, version + "}");
    for (std::size_t p = 0; p < statistics[i].calls.size(); ++p) {
      if (statistics[i].calls[p] == 0) continue;
      add("calls_total", statistics[i].calls[p],
          version + ",procedure=\"" + std::to_string(p) + "\"}");
    }
  }
  return text;
}

}  // namespace tryst::rpcbind
