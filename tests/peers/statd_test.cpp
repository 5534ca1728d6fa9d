// Debian's statd, which we have watch a host: it calls us back when that has restarted.
#include <gmock/gmock.h>

#include <future>
#include <tryst/binder/announcement.hpp>
#include <tryst/rpc/server.hpp>

#include "peers/stock_servers.hpp"
#include "sm_inter.hpp"
#include "watcher.hpp"

namespace tryst {
namespace {

using tests::private_host;

struct watcher_service {
  std::promise<sm_inter::status>* told;
  void RESTARTED(sm_inter::status what) { told->set_value(std::move(what)); }
};

class Statd : public tests::StockServers {
protected:
  Statd() {
    host.run("mkdir -p /run/statd/sm /run/statd/sm.bak");
    daemon_ = host.start({"/usr/sbin/rpc.statd", "-F", "-P", "/run/statd"});
    host.wait_until_registered("100024");
  }

  std::string watched() { return host.run("ls /run/statd/sm"); }

  const sm_inter::mon_id request_{.mon_name = private_host::outer_v4,
                                  .my_id = {.my_name = "localhost",
                                            .my_prog = watcher::WATCHER_V4::id.program,
                                            .my_vers = watcher::WATCHER_V4::id.version,
                                            .my_proc = watcher::WATCHER_V4::RESTARTED::number}};

private:
  std::unique_ptr<test::peer_process> daemon_;
};

TEST_F(Statd, WatchesAHostUntilItIsToldNotTo) {
  for (const auto over : {binder::netid::tcp, binder::netid::udp}) {
    auto client = client_of(sm_inter::SM_VERS::id, over);
    const sm_inter::SM_VERS::stub monitor{client};
    const auto agreed = monitor.SM_MON({.mon_id = request_, .priv = {}}).get();
    EXPECT_EQ(agreed.res_stat, sm_inter::STAT_SUCC);
    EXPECT_EQ(agreed.state % 2, 1) << agreed.state;  // it is up
    EXPECT_EQ(watched(), std::string{private_host::outer_v4} + "\n");
    EXPECT_EQ(monitor.SM_UNMON(request_).get().state, agreed.state);
    EXPECT_EQ(watched(), "");
  }
}

TEST_F(Statd, RefusesToCallAnybodyElse) {
  auto client = client_of(sm_inter::SM_VERS::id);
  auto another = request_;
  another.my_id.my_prog = 0x2000'0001;
  const auto refused =
      sm_inter::SM_VERS::stub{client}.SM_MON({.mon_id = another, .priv = {}}).get();
  EXPECT_EQ(refused.res_stat, sm_inter::STAT_FAIL);
  EXPECT_EQ(watched(), "");
}

TEST_F(Statd, AgreesToWatchNamesThatThereAre) {
  auto client = client_of(sm_inter::SM_VERS::id);
  const sm_inter::SM_VERS::stub monitor{client};
  EXPECT_EQ(monitor.SM_STAT({.mon_name = "localhost"}).get().res_stat, sm_inter::STAT_SUCC);
  EXPECT_EQ(monitor.SM_STAT({.mon_name = "a/b"}).get().res_stat, sm_inter::STAT_FAIL);
}

TEST_F(Statd, CallsBackWhenAHostHasRestarted) {
  std::promise<sm_inter::status> told;
  rpc::server server{loop};
  server.serve<watcher::WATCHER_V4>(watcher_service{&told});
  const auto where = server.listen("udp://127.0.0.1:0");
  const binder::announcement known{server, {where}};

  auto client = client_of(sm_inter::SM_VERS::id);
  const sm_inter::SM_VERS::stub monitor{client};
  decltype(sm_inter::mon::priv) cookie{};
  for (std::size_t i = 0; i < cookie.size(); ++i) cookie[i] = std::byte(200 + i);
  EXPECT_EQ(monitor.SM_MON({.mon_id = request_, .priv = cookie}).get().res_stat,
            sm_inter::STAT_SUCC);

  // So says the host itself: the call comes from its address.
  binder::binder_client of_its_address{loop, private_host::outer_v4};
  const auto outer =
      run(loop, of_its_address.find(sm_inter::SM_VERS::id, binder::netid::udp)).value();
  EXPECT_EQ(outer.host, private_host::outer_v4);
  rpc::client restarted{loop, outer.text()};
  sm_inter::SM_VERS::stub{restarted}
      .SM_NOTIFY({.mon_name = private_host::outer_v4, .state = 7})
      .get();
  auto answer = told.get_future();
  ASSERT_EQ(answer.wait_for(test::patience), std::future_status::ready);
  EXPECT_EQ(answer.get(), (sm_inter::status{private_host::outer_v4, 7, cookie}));
}

}  // namespace
}  // namespace tryst
