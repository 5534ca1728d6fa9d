// Debian's ypserv: over UDP entry by entry, over TCP a whole map in one reply that has no length.
#include <gmock/gmock.h>

#include <ctime>
#include <fstream>
#include <future>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tryst/error.hpp>

#include "peers/stock_servers.hpp"
#include "yp.hpp"

namespace tryst {
namespace {

using entries = std::map<std::string, std::string>;

std::string text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::byte> bytes(std::string_view text) {
  const auto all = std::as_bytes(std::span{text});
  return {all.begin(), all.end()};
}

class Ypserv : public tests::StockServers {
protected:
  // Serves two maps of domain `tryst`.
  void serve() {
    const auto write = [&](const std::string& name, const entries& content) {
      std::ofstream out{folder_ / name};
      for (const auto& [key, value] : content) out << key << ' ' << value << '\n';
    };
    write("few", few_);
    write("many", many_);
    daemon_ = host.start({"unshare", "-u", "-m", "bash", "-c",
                          "mount -t tmpfs tmpfs /var/yp; mkdir -p /var/yp/tryst; domainname tryst; "
                          "echo '255.0.0.0 127.0.0.0' >/var/yp/securenets; "
                          "for map in few many; do /usr/lib/yp/makedbm -m master.example $0/$map "
                          "/var/yp/tryst/$map; done; "
                          "exec ypserv --foreground",
                          folder_.path()});
    host.wait_until_registered("100004");
  }

  yp::ypreq_nokey map(const char* name) { return {"tryst", name}; }

  const entries few_{{"alice", "alice:x:1000:1000::/:/bin/sh"},
                     {"bob", "bob:x:1001:1001::/:/bin/sh"}};
  const entries many_ = [] {
    entries all;
    for (int i = 0; i < 5000; ++i) {
      const auto key = "user" + std::to_string(i);
      all[key] = key + ":x:" + std::to_string(10'000 + i) + ":100::/nowhere/" + key + ":/bin/sh";
    }
    return all;
  }();

private:
  test::scratch_directory folder_;
  std::unique_ptr<test::peer_process> daemon_;
};

TEST_F(Ypserv, AnswersEntryByEntryOverUdp) {
  serve();
  auto client = client_of(yp::YPVERS::id);
  const yp::YPVERS::stub maps{client};
  EXPECT_TRUE(maps.YPPROC_DOMAIN("tryst").get());
  EXPECT_FALSE(maps.YPPROC_DOMAIN("elsewhere").get());
  const auto alice = maps.YPPROC_MATCH({"tryst", "few", bytes("alice")}).get();
  EXPECT_EQ(alice.stat, yp::YP_TRUE);
  EXPECT_EQ(text(alice.val), few_.at("alice"));
  EXPECT_EQ(maps.YPPROC_MATCH({"tryst", "few", bytes("nobody")}).get().stat, yp::YP_NOKEY);
  EXPECT_EQ(maps.YPPROC_MATCH({"tryst", "none", bytes("alice")}).get().stat, yp::YP_NOMAP);

  entries found;
  auto entry = maps.YPPROC_FIRST(map("few")).get();
  for (; entry.stat == yp::YP_TRUE; entry = maps.YPPROC_NEXT({"tryst", "few", entry.key}).get()) {
    found.emplace(text(entry.key), text(entry.val));
    ASSERT_LE(found.size(), few_.size());
  }
  EXPECT_EQ(entry.stat, yp::YP_NOMORE);
  EXPECT_EQ(found, few_);
}

TEST_F(Ypserv, TellsOfItsMaps) {
  const auto before = std::time(nullptr);
  serve();
  auto client = client_of(yp::YPVERS::id);
  const yp::YPVERS::stub maps{client};
  const auto master = maps.YPPROC_MASTER(map("few")).get();
  EXPECT_EQ(master.stat, yp::YP_TRUE);
  EXPECT_EQ(master.peer, "master.example");
  const auto made = maps.YPPROC_ORDER(map("few")).get();
  EXPECT_EQ(made.stat, yp::YP_TRUE);
  EXPECT_GE(made.ordernum, before);
  EXPECT_LE(made.ordernum, std::time(nullptr));
  const auto list = maps.YPPROC_MAPLIST("tryst").get();
  EXPECT_EQ(list.stat, yp::YP_TRUE);
  std::vector<std::string> names;
  for (const auto* each = list.maps.get(); each != nullptr; each = each->next.get()) {
    names.push_back(each->map);
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("few", "many"));
  EXPECT_EQ(maps.YPPROC_MAPLIST("elsewhere").get().stat, yp::YP_NODOM);
}

TEST_F(Ypserv, SendsAWholeMapOverTcp) {
  serve();
  auto client = client_of(yp::YPVERS::id, binder::netid::tcp);
  const yp::YPVERS::stub maps{client};
  entries found;
  const auto all = maps.YPPROC_ALL(map("many")).get();
  for (const auto* each = all.get(); each != nullptr; each = each->next.get()) {
    EXPECT_EQ(each->stat, yp::YP_TRUE);
    EXPECT_TRUE(found.emplace(text(each->key), text(each->val)).second);
  }
  EXPECT_EQ(found, many_);

  const auto none = maps.YPPROC_ALL(map("none")).get();
  ASSERT_TRUE(none);
  EXPECT_EQ(none->stat, yp::YP_NOMAP);
  EXPECT_FALSE(none->next);
}

TEST_F(Ypserv, IsCutShortByTheLimitOfItsClient) {
  serve();
  rpc::client_options options;
  options.limits.record.max_bytes = 65536;
  std::promise<std::error_code> why;
  options.on_connection_lost = [&](std::error_code ended) { why.set_value(ended); };
  auto client = client_of(yp::YPVERS::id, binder::netid::tcp, std::move(options));
  const yp::YPVERS::stub maps{client};
  EXPECT_EQ(maps.YPPROC_ALL(map("many"), rpc::as_result).get().error().code,
            errc::record_too_large);
  EXPECT_EQ(why.get_future().get(), errc::record_too_large);
  // The client goes on, over a new connection.
  EXPECT_EQ(text(maps.YPPROC_MATCH({"tryst", "few", bytes("bob")}).get().val), few_.at("bob"));
}

}  // namespace
}  // namespace tryst
