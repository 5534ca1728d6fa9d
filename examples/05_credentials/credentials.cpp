// Who calls: AUTH_SYS claims a user, a service says what it accepts, a handler learns who it is.
#include <unistd.h>

#include <iostream>
#include <string>
#include <tryst/auth/sys.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "door.hpp"

struct doorkeeper {
  // What is known of the call comes first, if the handler wants to know it.
  std::string KNOCK(const tryst::rpc::call_info& call) {
    std::string said = "welcome, user " + std::to_string(call.caller.uid());
    if (call.caller.in_group(27)) said += " of group 27";
    // A credential is a claim. Of a UNIX socket's other end the kernel knows the truth.
    const auto& process = call.peer->credentials;
    if (process && process->uid == ::geteuid()) said += "; the kernel says: it is my own user";
    return said;
  }
};

int main() {
  tryst::loop_thread loop;
  tryst::rpc::server server{loop};
  server.serve<door::DOOR_V1>(doorkeeper{}, {.auth = {.none = false, .sys = true}});
  const auto address = server.listen("unix:@tryst.example.door." + std::to_string(::getpid()));

  tryst::rpc::client nobody{loop, address.text()};
  const auto refused = door::DOOR_V1::stub{nobody}.KNOCK(tryst::rpc::as_result).get();
  std::cout << "without a credential: " << refused.error().code.message() << '\n';

  tryst::auth::sys claim{{.machine_name = "here", .uid = 1000, .gid = 100, .gids = {27}}};
  tryst::rpc::client somebody{loop, address.text(), {.authenticator = &claim}};
  std::cout << "with one: " << door::DOOR_V1::stub{somebody}.KNOCK().get() << '\n';
}
