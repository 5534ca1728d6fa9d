// Debian's yp-tools with a ypserv of ours: asked by name, and by way of Debian's ypbind.
#include <gmock/gmock.h>

#include <string>

#include "peers/nis_service.hpp"
#include "peers/stock_clients.hpp"

namespace tryst {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class Ypcat : public tests::StockClients {
protected:
  Ypcat() {
    auto& many = domain_.maps["many"];
    for (int i = 0; i < 5000; ++i) {
      const auto key = "user" + std::to_string(i);
      many[key] = key + ":x:" + std::to_string(10'000 + i) + ":100::/nowhere/" + key + ":/bin/sh";
    }
    server.serve<yp::YPVERS>(tests::nis_service{domain_});
    announce();
  }

  // Runs a tool of yp-tools that is told of the server.
  std::string ask(const std::string& tool, const std::string& rest) {
    return host.run(tool + " -d tryst -h 127.0.0.1 " + rest);
  }

  std::unique_ptr<test::peer_process> binder_ = host.start_ours();
  tests::nis_domain domain_{
      .name = "tryst",
      .master = "master.example",
      .made = 1'000'000'000,
      .maps = {{"few", {{"alice", "alice:x:1000"}, {"bob", "bob:x:1001"}}}, {"none", {}}}};
};

TEST_F(Ypcat, PrintsAMap) {
  EXPECT_EQ(ask("ypcat", "few"), "alice:x:1000\nbob:x:1001\n");
  EXPECT_EQ(ask("ypcat", "-k few"), "alice alice:x:1000\nbob bob:x:1001\n");
  EXPECT_EQ(ask("ypcat", "none"), "");
  EXPECT_EQ(ask("ypcat", "elsewhere"),
            "No such map elsewhere. Reason: No such map in server's domain\nstatus 1\n");
}

TEST_F(Ypcat, PrintsAMapOfThousands) {
  std::string all;
  for (const auto& [key, value] : domain_.maps.at("many")) all += value + '\n';
  EXPECT_EQ(ask("ypcat", "many"), all);
}

TEST_F(Ypcat, HasASisterThatTellsOfAMap) {
  EXPECT_EQ(host.run("TZ=UTC yppoll -d tryst -h 127.0.0.1 few"),
            "Domain tryst is supported.\n"
            "Map few has order number 1000000000. [Sun Sep  9 01:46:40 2001]\n"
            "The master server is master.example.\n");
}

TEST_F(Ypcat, FindsItsWayByYpbind) {
  host.run(
      "mount -t tmpfs tmpfs /var/yp; mkdir /var/yp/binding; : >/var/yp/nicknames; "
      "echo 'domain tryst server 127.0.0.1' >/run/yp.conf");
  const auto daemon = host.start(
      {"unshare", "-u", "bash", "-c", "domainname tryst; exec ypbind -foreground -f /run/yp.conf"});
  // It writes down the server that it has chosen.
  host.run("until [ -s /var/yp/binding/tryst.3 ]; do read -rt 0.01 <> <(:); done");
  EXPECT_EQ(host.run("ypwhich -d tryst"), "127.0.0.1\n");
  EXPECT_EQ(host.run("ypwhich -d tryst -m few"), "master.example\n");
  EXPECT_EQ(host.run("ypcat -d tryst few"), "alice:x:1000\nbob:x:1001\n");
  EXPECT_EQ(host.run("ypmatch -d tryst bob alice few"), "bob:x:1001\nalice:x:1000\n");
  EXPECT_EQ(host.run("ypmatch -d tryst carol few"),
            "Can't match key carol in map few. Reason: No such key in map\nstatus 1\n");
  // It tries every function of the library of NIS.
  EXPECT_THAT(host.run("unshare -u bash -c 'domainname tryst; yptest -m few -u bob'"),
              AllOf(HasSubstr("All tests passed\n"), HasSubstr("Test 9: yp_all\n"
                                                               "alice alice:x:1000\n"
                                                               "bob bob:x:1001\n")));
}

}  // namespace
}  // namespace tryst
