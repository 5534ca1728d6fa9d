// Problem 17, the file server: openings of different files go on in parallel, those of one file
// one after the other, and what a client holds of a file that it has closed is worth nothing.
#include "problems/file_server.hpp"

#include <algorithm>

#include "problems/lent.hpp"

namespace tryst::problems {
namespace {

constexpr int files = 3;
constexpr int clients = 4;
constexpr std::size_t most_servers = 3;

/// A server process has one file at a time, and a file one server process; what it reads is what
/// was written last. Yields how often each file was opened.
std::map<int, int> check_files(const std::vector<event<file_event>>& events) {
  std::map<int, int> file_of;  // by server process
  std::map<int, int> contents;
  std::map<int, int> opened;
  std::size_t most = 0;
  for (const auto& e : events) {
    if (e.kind == file_event::open) {
      require(!file_of.contains(e.who), "a process has one file at a time");
      require(std::ranges::none_of(file_of, [&](auto& s) { return s.second == e.value; }),
              "a file has one process at a time");
      file_of[e.who] = e.value;
      ++opened[e.value];
      most = std::max(most, file_of.size());
      continue;
    }
    require(file_of.contains(e.who), "only what is open is served");
    int& now = contents[file_of[e.who]];
    if (e.kind == file_event::write) now = e.value;
    require(e.kind != file_event::read || e.value == now, "what is read was written last");
    if (e.kind == file_event::close) file_of.erase(e.who);
  }
  require(file_of.empty(), "all files are closed");
  require(most >= 2, "different files are open at the same time");
  require(most <= most_servers, "there are no more processes than allowed");
  return opened;
}

template <class Signature>
task<std::error_code> failure_of(stage& s, const cap<Signature>& of) {
  try {
    co_await s.call(of);
  } catch (const call_error& error) {
    co_return error.code();
  }
  co_return std::error_code{};
}

/// Adds one to what is in the file, which nobody else has meanwhile.
task<> count_up(stage& s, const cap<opening>& open, int file) {
  const auto [read, write, close] = co_await s.call(open, file);
  const contents before = co_await s.call(read);
  co_await s.call(write, before + 1);
  const contents after = co_await s.call(read);
  require(after == before + 1, "who has a file open has it for himself");
  co_await s.call(close);
  const std::error_code closed = co_await failure_of(s, read);
  const std::error_code closed_twice = co_await failure_of(s, close);
  require(closed == errc::op_closed && closed_twice == errc::op_closed, "what is closed is gone");
}

/// Has two files open at once.
task<> open_two(stage& s, const cap<opening>& open) {
  const auto [read_one, write_one, close_one] = co_await s.call(open, 0);
  const auto [read_two, write_two, close_two] = co_await s.call(open, 1);
  const contents one = co_await s.call(read_one);
  const contents two = co_await s.call(read_two);
  co_await s.call(write_one, one + 1);
  co_await s.call(write_two, two + 1);
  co_await s.call(close_one);
  co_await s.call(close_two);
}

void play_files(stage& s) {
  const int rounds = s.scaled(24);
  lent<file_server> server{s, "file server", most_servers};
  server.start(server->manager(s.home()));
  const auto open = server.lend(&file_server::open);
  s.add("who opens two", [&] { return open_two(s, open); });
  for (int c = 0; c < clients; ++c) {
    s.add("client " + std::to_string(c), [&]() -> task<> {
      for (int k = 0; k < rounds; ++k) {
        co_await count_up(s, open, static_cast<int>(s.home().random() % files));
      }
    });
  }
  s.play();

  std::map<int, int> opened = check_files(server->log.events());
  int all = 0;
  for (int file = 0; file < files; ++file) {
    require(server->of(file) == opened[file], "nothing that was written is lost");
    all += opened[file];
  }
  require(all == 2 + clients * rounds, "each opening is answered once");
  require(server->log.events().size() == static_cast<std::size_t>(2 * 4 + clients * rounds * 5),
          "each call is answered once");
  require(server->idle() == server->made(), "all processes are back in the pool");
}

class FileServer : public ::testing::TestWithParam<setting> {};

TEST_P(FileServer, HasAProcessForEachOpenFile) { perform(GetParam(), play_files); }

INSTANTIATE_TEST_SUITE_P(In, FileServer, every_setting, name_of_setting);

}  // namespace
}  // namespace tryst::problems
