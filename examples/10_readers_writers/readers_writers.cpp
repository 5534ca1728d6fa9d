// Readers together, writers alone, and writers first: a reader is not let past a writer that waits.
// That is a guard over pending(), which must be a function: as a value it would be frozen while the
// statement waits, and not see a writer that comes meanwhile.
#include <iostream>
#include <tryst/epoll_loop.hpp>
#include <tryst/rendezvous/in.hpp>

struct readers_writers : tryst::module {
  tryst::op<void()> start_read{this};
  tryst::op<void()> end_read{this};
  tryst::op<void()> start_write{this};
  tryst::op<void()> end_write{this};

  tryst::task<> server() {
    int readers = 0;
    bool writing = false;
    for (;;) {
      co_await in(
          accept(start_read).when([&] { return !writing && start_write.pending() == 0; }) >>
              [&] { ++readers; },
          accept(end_read) >> [&] { --readers; },
          accept(start_write).when(!writing && readers == 0) >> [&] { writing = true; },
          accept(end_write) >> [&] { writing = false; });
    }
  }
};

tryst::task<> play(readers_writers& book) {
  co_await book.start_read();
  co_await book.start_read();
  std::cout << "two readers are in together\n";
  book.start_write.send();
  std::cout << "a writer has come and waits\n";
  const bool let_past = co_await book.start_read.try_call();
  std::cout << (let_past ? "a" : "no") << " reader is let past it\n";
  co_await book.end_read();
  co_await book.end_read();
  co_await book.end_write();
  std::cout << "the readers have left and the writer has written\n";
  co_await book.start_read();
  std::cout << "readers are let in again\n";
}

int main() {
  tryst::loop_thread loop;
  readers_writers book;
  book.start(loop.get(), book.server());
  run(loop.get(), play(book));
  book.close();
  book.join();
}
