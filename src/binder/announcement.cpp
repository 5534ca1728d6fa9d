#include <tryst/binder/announcement.hpp>

#include <tryst/binder/binder.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/error.hpp>
#include <utility>

namespace tryst::binder {
namespace {

std::vector<rpc::interface_id> interfaces_of(rpc::server& of) {
  std::vector<rpc::interface_id> all;
  for (const auto& s : of.services().services()) {
    // A binder that is served beside them registers itself.
    if (s->id().program != binder_program) all.push_back(s->id());
  }
  return all;
}

}  // namespace

struct announcement::embedded {
  loop_thread loop;
  binder book;
  rpc::server server{loop};
};

announcement::announcement(rpc::server& of, std::vector<rpc::address> where,
                           announcement_options options) {
  const auto interfaces = interfaces_of(of);
  try {
    registration_ =
        std::make_unique<registration>(interfaces, where, std::move(options.registration));
    return;
  } catch (const call_error& e) {
    // A binder that refuses is one: only where nobody can be asked, another one is needed.
    if (options.embed_at.empty() || e.code() != outcome::not_executed) throw;
  }
  embedded_ = std::make_unique<embedded>();
  embedded_->book.serve_in(embedded_->server.services());
  for (const std::string& at : options.embed_at) {
    own_binder_.push_back(embedded_->server.listen(at));
    embedded_->book.add_own(own_binder_.back());
  }
  for (const auto interface : interfaces) {
    for (const auto& address : where) {
      const auto universal = universal_address::of(address);
      if (!universal) throw call_error(universal.error(), address.text());
      embedded_->book.set({.interface = interface,
                           .netid = std::string{name_of(netid_of(address))},
                           .address = universal->text(),
                           .owner = std::string{superuser}});
    }
  }
}

announcement::~announcement() = default;

}  // namespace tryst::binder
