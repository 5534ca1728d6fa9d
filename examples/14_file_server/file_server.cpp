// A file server that gives capabilities. An open file is a process of the server, with three
// operations that exist as long as it is open; whoever has one of their capabilities may invoke it,
// in whatever program, and nobody else.
#include <iostream>
#include <map>
#include <string>
#include <tryst/bridge/cap_exchange.hpp>
#include <tryst/bridge/publish.hpp>
#include <tryst/bridge/remote_operation.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>
#include <tryst/rendezvous/proc.hpp>
#include <tryst/rendezvous/semaphore.hpp>

#include "files.hpp"

using files::opened_file;

struct file_server : tryst::module {
  tryst::op<opened_file(std::string)> open{this, &file_server::do_open};

  explicit file_server(tryst::cap_exchange& caps) : caps_{caps} {}

private:
  struct file {
    explicit file(file_server* of) : closed{of, 1} {}
    tryst::semaphore closed;
    std::string contents;
  };

  tryst::task<> do_open(tryst::call<opened_file(std::string)>& c, std::string name) {
    file& f = files_.try_emplace(name, this).first->second;
    co_await P(f.closed, c.stop_token());  // a client that has gone does not get it
    tryst::op<std::string()> read{this};
    tryst::op<void(std::string)> write{this};
    tryst::op<void()> close{this};
    // The client goes on, and this process is its file.
    c.reply(opened_file{
        .read = caps_.give(read), .write = caps_.give(write), .close = caps_.give(close)});
    for (bool is_open = true; is_open;) {
      co_await in(
          accept(read) >> [&] { return f.contents; },
          accept(write) >> [&](std::string s) { f.contents = std::move(s); },
          accept(close) >> [&] { is_open = false; });
    }
    V(f.closed);
  }

  tryst::cap_exchange& caps_;
  std::map<std::string, file> files_;
};

struct far_files : tryst::remote_module<files::FILES_V1> {
  using remote_module::remote_module;
  tryst::remote_op<files::FILES_V1::OPEN> open{this};
};

// A program that was only told how to read.
void read_only(tryst::loop& loop, const tryst::capability& told, const tryst::rpc::address& by) {
  tryst::cap_exchange caps{loop};
  const auto read = caps.take<std::string()>(told, by).value();
  std::cout << "another program reads: " << read().wait() << '\n';
}

void use(tryst::loop& loop, const tryst::rpc::address& server) {
  tryst::rpc::client client{loop, server.text()};
  far_files files{client};
  tryst::cap_exchange caps{loop};
  const opened_file notes = files.open("notes").wait();
  const auto read = caps.take<std::string()>(notes.read, server).value();
  const auto write = caps.take<void(std::string)>(notes.write, server).value();
  const auto close = caps.take<void()>(notes.close, server).value();
  write("milk, bread").wait();
  read_only(loop, notes.read, server);
  close().wait();
  try {
    read().wait();
  } catch (const tryst::call_error& error) {
    std::cout << "and when it is closed: " << error.what() << '\n';
  }
  const opened_file again = files.open("notes").wait();
  const auto read_again = caps.take<std::string()>(again.read, server).value();
  std::cout << "opened again: " << read_again().wait() << '\n';
}

int main() {
  tryst::loop_thread loop;
  tryst::rpc::server server{loop};
  tryst::cap_exchange caps{loop, server};
  file_server files{caps};
  tryst::publish<files::FILES_V1>(server, files, &file_server::open);
  const tryst::rpc::address where = server.listen("tcp://127.0.0.1:0");
  caps.reachable_at(where);
  files.start(loop.get());
  use(loop, where);
  files.close();
  files.join();
}
