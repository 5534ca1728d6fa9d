#include <mutex>
#include <tryst/rendezvous/operation_class.hpp>
#include <tryst/rendezvous/passive_server.hpp>

namespace tryst::detail {

operation::operation(operation_class& of, bool by_proc, op_options how) noexcept
    : class_{of},
      stated_in_{by_proc ? nullptr : &of},
      by_proc_{by_proc},
      max_pending_{how.max_pending},
      when_full_{how.when_full},
      abandonable_{how.abandonable} {
  class_.join(*this);
}

operation::operation(operation_class& of, listed_by what) noexcept
    : class_{of}, stated_in_{&of}, list_{what} {
  class_.join(*this);
}

operation::operation(operation& array, std::size_t index, op_options how) noexcept
    : class_{array.class_},
      stated_in_{&array.class_},
      max_pending_{how.max_pending},
      when_full_{how.when_full},
      abandonable_{how.abandonable},
      array_{&array},
      index_{index} {
  class_.join(*this);
}

operation::~operation() { class_.leave(*this); }

invocation* operation::first_after(std::uint64_t stamp) const noexcept {
  if (stamp == 0) return list_.first();
  invocation* first = nullptr;
  for (invocation* i = list_.last(); i != nullptr && i->stamp_ > stamp; i = list_.previous(*i)) {
    first = i;
  }
  return first;
}

errc operation::arrive(invocation& i) noexcept {
  passive_server* const server = served();
  return server != nullptr ? server->arrive(i, false) : class_.arrive(i, false);
}

errc operation::arrive_if_wanted(invocation& i) noexcept {
  passive_server* const server = served();
  return server != nullptr ? server->arrive(i, true) : class_.arrive(i, true);
}

std::shared_ptr<operation_class> operation::queues() const noexcept {
  return class_.shared_from_this();
}

std::shared_ptr<op_link> operation::link() {
  const std::lock_guard lock{class_.mutex_};
  std::shared_ptr<op_link> link = link_.lock();
  if (link == nullptr) {
    link = std::make_shared<op_link>(*this, class_.shared_from_this(), class_.keeps_to_itself_);
    link_ = link;
    ++class_.links_;
  }
  return link;
}

void operation::sever() noexcept {
  std::shared_ptr<op_link> link;
  {
    const std::lock_guard lock{class_.mutex_};
    link = link_.lock();
  }
  if (link != nullptr) link->sever();
}

}  // namespace tryst::detail
