// Debian's rquotad, which wants to know who asks.
#include <tryst/auth/sys.hpp>
#include <tryst/error.hpp>

#include "peers/stock_servers.hpp"
#include "rquota.hpp"

namespace tryst {
namespace {

using tests::StockServers;

class Rquotad : public StockServers {
protected:
  Rquotad() { host.wait_until_registered("100011"); }
  std::unique_ptr<test::peer_process> daemon_ = host.start({"/usr/sbin/rpc.rquotad", "-F"});
};

// Nobody has quotas where the tests run: what it says shows whom it took the caller for.
TEST_F(Rquotad, TellsTheUserAndRootAlone) {
  for (const auto over : {binder::netid::udp, binder::netid::tcp}) {
    const auto ask = [&](std::uint32_t as_user) {
      auth::sys caller{{.machine_name = "far.example", .uid = as_user, .gid = 100}};
      auto client = client_of(rquota::RQUOTAVERS::id, over, {.authenticator = &caller});
      return rquota::RQUOTAVERS::stub{client}.RQUOTAPROC_GETQUOTA({"/", 1000}).get().status();
    };
    EXPECT_EQ(ask(1000), rquota::Q_NOQUOTA);
    EXPECT_EQ(ask(0), rquota::Q_NOQUOTA);
    EXPECT_EQ(ask(1001), rquota::Q_EPERM);
  }
}

// By the first group of the credential. Further ones make version 4.06 of it search its own memory.
TEST_F(Rquotad, TellsAGroupsMembersInVersionTwo) {
  const auto ask = [&](std::uint32_t group) {
    auth::sys caller{{.machine_name = "far.example", .uid = 1001, .gid = group}};
    auto client =
        client_of(rquota::EXT_RQUOTAVERS::id, binder::netid::udp, {.authenticator = &caller});
    return rquota::EXT_RQUOTAVERS::stub{client}
        .RQUOTAPROC_GETQUOTA({"/", rquota::RQUOTA_GRPQUOTA, 100})
        .get()
        .status();
  };
  EXPECT_EQ(ask(100), rquota::Q_NOQUOTA);
  EXPECT_EQ(ask(102), rquota::Q_EPERM);
}

TEST_F(Rquotad, TellsNobodyWhoDoesNotSayWhoItIs) {
  auto client = client_of(rquota::RQUOTAVERS::id);
  const auto told =
      rquota::RQUOTAVERS::stub{client}.RQUOTAPROC_GETQUOTA({"/", 1000}, rpc::as_result).get();
  ASSERT_FALSE(told);
  EXPECT_EQ(told.error().code, errc::auth_too_weak);
}

}  // namespace
}  // namespace tryst
