// Debian's RPC daemons with tryst-rpcbind in rpcbind's place: they register, and their stock
// clients find them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "binder_peers/private_host.hpp"

namespace tryst::binder {
namespace {

using ::testing::HasSubstr;
using tests::private_host;

struct Daemons : ::testing::Test {
  private_host host;
  std::unique_ptr<test::peer_process> binder = host.start_ours();
};

TEST_F(Daemons, RstatdAnswersRup) {
  host.run("/usr/sbin/rpc.rstatd </dev/null >/dev/null 2>&1");
  host.wait_until_registered("100001");
  EXPECT_THAT(host.run("rup 127.0.0.1"), HasSubstr(" load "));
  EXPECT_THAT(host.run("rpcinfo -u 127.0.0.1 100001 3"), HasSubstr("ready and waiting"));
  EXPECT_THAT(host.run("rpcinfo -T udp 127.0.0.1 100001 9"), HasSubstr("mismatch"));
}

TEST_F(Daemons, RusersdAndRwalldAnswerTheirClients) {
  host.run("/usr/sbin/rpc.rusersd </dev/null >/dev/null 2>&1");
  host.run("/usr/sbin/rpc.rwalld </dev/null >/dev/null 2>&1");
  host.wait_until_registered("100002");
  host.wait_until_registered("100008");
  EXPECT_THAT(host.run("rusers -a 127.0.0.1"), HasSubstr("localhost"));
  EXPECT_THAT(host.run("rpcinfo -u 127.0.0.1 100008"), HasSubstr("ready and waiting"));
}

TEST_F(Daemons, RquotadRegistersEveryVersion) {
  const auto daemon = host.start({"/usr/sbin/rpc.rquotad", "-F", "-p", "875"});
  host.wait_until_registered("100011");
  EXPECT_THAT(host.run("rpcinfo -t 127.0.0.1 100011"),
              HasSubstr("program 100011 version 1 ready and waiting\n"
                        "program 100011 version 2 ready and waiting"));
  EXPECT_EQ(host.run("binder_tool getport 17 127.0.0.1 100011 2"), "875\n");
}

TEST_F(Daemons, StatdRegistersOverAllTransports) {
  host.run("mkdir -p /run/statd/sm /run/statd/sm.bak");
  const auto daemon = host.start({"/usr/sbin/rpc.statd", "-F", "-p", "662", "-P", "/run/statd"});
  host.wait_until_registered("100024");
  for (const std::string_view how :
       {"tcp 127.0.0.1", "udp 127.0.0.1", "tcp6 ::1", "udp6 ::1", "tcp 192.0.2.1"}) {
    EXPECT_EQ(host.run("rpcinfo -T " + std::string{how} + " 100024 1"),
              "program 100024 version 1 ready and waiting\n")
        << how;
  }
}

TEST_F(Daemons, YpservIsFoundByYpcat) {
  const auto daemon = host.start(
      {"unshare", "-u", "-m", "bash", "-c",
       "mount -t tmpfs tmpfs /var/yp; mkdir -p /var/yp/tryst; "
       "domainname tryst; echo '255.0.0.0 127.0.0.0' >/var/yp/securenets; : >/var/yp/nicknames; "
       "printf 'alice alice:x:1000:1000::/:/bin/sh\\nbob bob:x:1001:1001::/:/bin/sh\\n' | "
       "/usr/lib/yp/makedbm - /var/yp/tryst/passwd.byname; exec ypserv --foreground -p 834"});
  host.wait_until_registered("100004");
  const auto all = host.run("ypcat -d tryst -h 127.0.0.1 passwd.byname");
  EXPECT_THAT(all, HasSubstr("alice:x:1000:1000::/:/bin/sh"));
  EXPECT_THAT(all, HasSubstr("bob:x:1001:1001::/:/bin/sh"));
}

TEST_F(Daemons, GaneshaServesFilesThatStockClientsFind) {
  host.run(
      "mkdir -p /run/ganesha /run/exported; echo hello >/run/exported/hello.txt; "
      "cat >/run/ganesha.conf <<'G'\n"
      "NFS_CORE_PARAM { Protocols = 3; NFS_Port = 2049; MNT_Port = 20048; NLM_Port = 32803;\n"
      "  Enable_NLM = true; Enable_RQUOTA = false; Enable_UDP = true; }\n"
      "NFS_KRB5 { Active_krb5 = false; }\n"
      "EXPORT { Export_Id = 1; Path = /run/exported; Pseudo = /exported; Access_Type = RW;\n"
      "  Squash = No_Root_Squash; SecType = sys; Protocols = 3; Transports = TCP, UDP;\n"
      "  FSAL { Name = VFS; } }\n"
      "G\n");
  const auto daemon = host.start({"ganesha.nfsd", "-F", "-f", "/run/ganesha.conf", "-L",
                                  "/run/ganesha.log", "-p", "/run/ganesha/pid"});
  for (const std::string program : {"100003", "100005", "100021"})
    host.wait_until_registered(program);
  EXPECT_EQ(host.run("for ((i = 0; i < 3000; ++i)); do grep -q 'NFS SERVER INITIALIZED' "
                     "/run/ganesha.log && exit; read -rt 0.01 <> <(:); done; cat /run/ganesha.log"),
            "");
  EXPECT_THAT(host.run("showmount -e 127.0.0.1"), HasSubstr("/run/exported"));
  EXPECT_THAT(host.run("nfs-ls nfs://127.0.0.1/run/exported"), HasSubstr("hello.txt"));
  EXPECT_EQ(host.run("nfs-cat nfs://127.0.0.1/run/exported/hello.txt"), "hello\n");
}

}  // namespace
}  // namespace tryst::binder
