// lookup_client HOST PROGRAM VERSION: where our client says that a program is, over each transport;
// HOST - is this one's binder. Then how many entries there are.
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string_view>
#include <tryst/binder/binder_client.hpp>
#include <tryst/epoll_loop.hpp>

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  using namespace tryst::binder;
  tryst::loop_thread loop;
  std::optional<binder_client> book;
  if (std::string_view{argv[1]} == "-") {
    book.emplace(loop);
  } else {
    book.emplace(loop, argv[1]);
  }
  const tryst::rpc::interface_id interface{static_cast<std::uint32_t>(std::atoi(argv[2])),
                                           static_cast<std::uint32_t>(std::atoi(argv[3]))};
  for (const netid over : {netid::tcp, netid::udp, netid::tcp6, netid::udp6, netid::local}) {
    const auto found = tryst::run(loop, book->find(interface, over));
    std::cout << name_of(over) << ' ' << (found ? found->text() : found.error().text()) << '\n';
  }
  const auto all = tryst::run(loop, book->entries());
  std::cout << (all ? std::to_string(all->size()) : all.error().text()) << " entries\n";
}
