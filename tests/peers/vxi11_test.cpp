// Debian's lxi, and our own client, with examples/vxi11.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <span>
#include <string_view>
#include <tryst/binder/binder_client.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>

#include "binder_peers/private_host.hpp"
#include "vxi11.hpp"

namespace tryst {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using tests::private_host;

constexpr const char* identification = "tryst,instrument of a test,42,1.0";

struct Vxi11 : ::testing::Test {
  private_host host;

  std::unique_ptr<test::peer_process> serve(std::vector<std::string> options = {}) {
    options.insert(options.begin(), {VXI11_INSTRUMENT, "--identification", identification});
    auto server = host.start(std::move(options));
    server->wait_for("tcp://");
    return server;
  }

  std::string lxi(const std::string& command) {
    return host.run("lxi scpi --address 127.0.0.1 --timeout 30 '" + command + "'");
  }
};

TEST_F(Vxi11, SaysWhatItIsByOurBinderUntilItEnds) {
  const auto binder = host.start_ours();
  const auto server = serve();
  server->wait_for("registered");
  EXPECT_EQ(lxi("*IDN?"), std::string{identification} + "\n");
  EXPECT_THAT(host.run("rpcinfo"), HasSubstr("395183    1    tcp "));
  ::kill(server->pid(), SIGTERM);
  server->finish();
  EXPECT_THAT(host.run("rpcinfo"), Not(HasSubstr("395183")));
}

TEST_F(Vxi11, SaysWhatItIsByDebiansBinder) {
  const auto binder = host.start_debians();
  const auto server = serve();
  server->wait_for("registered");
  EXPECT_EQ(lxi("*IDN?"), std::string{identification} + "\n");
}

TEST_F(Vxi11, SaysWhatItIsByItsOwnBinder) {
  const auto server = serve({"--own-binder"});
  server->wait_for("bound by itself");
  EXPECT_EQ(lxi("*IDN?"), std::string{identification} + "\n");
}

TEST_F(Vxi11, IsDiscoveredByBroadcast) {
  const auto binder = host.start_ours();
  const auto server = serve({"--listen", "0.0.0.0"});
  server->wait_for("registered");
  EXPECT_THAT(host.run("lxi discover --timeout 1"),
              HasSubstr(std::string{"Found \""} + identification + "\" on address " +
                        private_host::outer_v4 + '\n'));
}

TEST_F(Vxi11, AnswersOneCallAfterTheOther) {
  const auto server = serve({"--own-binder"});
  server->wait_for("bound by itself");
  EXPECT_THAT(host.run("lxi benchmark --address 127.0.0.1 --count 500"),
              HasSubstr("\r500\rResult: "));
}

TEST_F(Vxi11, IsTalkedToInScpi) {
  const auto server = serve({"--own-binder"});
  server->wait_for("bound by itself");
  EXPECT_EQ(lxi("*rst; *opc?; :system:version?"), "1;1999.0\n");
  EXPECT_EQ(lxi("syst:err?"), "0,\"No error\"\n");
  lxi("MEASure:VOLTage");
  EXPECT_EQ(lxi("SYST:ERR:NEXT?;:SYSTem:ERR?"), "-113,\"Undefined header\";0,\"No error\"\n");
}

std::vector<std::byte> bytes(std::string_view text) {
  const auto all = std::as_bytes(std::span{text});
  return {all.begin(), all.end()};
}

std::string text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What lxi never does.
class Vxi11Client : public Vxi11 {
protected:
  using core = vxi11::DEVICE_CORE_VERSION::stub<rpc::client>;

  Vxi11Client() { server->wait_for("bound by itself"); }

  rpc::address core_channel() {
    return run(loop, book.find(vxi11::DEVICE_CORE_VERSION::id, binder::netid::tcp)).value();
  }
  vxi11::Create_LinkResp make_link(const std::string& device = "inst0", bool locked = false) {
    return calls.create_link({.lockDevice = locked, .device = device}).get();
  }
  vxi11::Device_WriteResp write(vxi11::Device_Link link, std::string_view message,
                                std::int32_t flags = vxi11::FLAG_END) {
    return calls.device_write({.lid = link, .flags = flags, .data = bytes(message)}).get();
  }
  vxi11::Device_ReadResp read(vxi11::Device_Link link, std::uint32_t size, std::int32_t flags = 0,
                              char end = 0) {
    return calls.device_read({.lid = link, .requestSize = size, .flags = flags, .termChar = end})
        .get();
  }

  std::unique_ptr<test::peer_process> server = serve({"--own-binder"});
  tests::inside_network network{host};
  loop_thread loop;
  binder::binder_client book{loop, "127.0.0.1"};
  rpc::client client{loop, core_channel().text()};
  core calls{client};
};

TEST_F(Vxi11Client, WritesAndReadsInPieces) {
  const auto link = make_link().lid;
  EXPECT_EQ(write(link, "*I", 0).size, 2);
  EXPECT_EQ(write(link, "DN?").size, 3);
  EXPECT_EQ(calls.device_readstb({.lid = link}).get().stb, 0x10);
  auto piece = read(link, 5);
  EXPECT_EQ(text(piece.data), "tryst");
  EXPECT_EQ(piece.reason, vxi11::REASON_REQCNT);
  piece = read(link, 100, vxi11::FLAG_TERMCHRSET, ' ');
  EXPECT_EQ(text(piece.data), ",instrument ");
  EXPECT_EQ(piece.reason, vxi11::REASON_CHR);
  piece = read(link, 100, vxi11::FLAG_TERMCHRSET, '\n');
  EXPECT_EQ(text(piece.data), "of a test,42,1.0\n");
  EXPECT_EQ(piece.reason, vxi11::REASON_CHR | vxi11::REASON_END);
  EXPECT_EQ(calls.device_readstb({.lid = link}).get().stb, 0);
}

TEST_F(Vxi11Client, IsToldWhatItDidWrong) {
  EXPECT_EQ(make_link("gpib0,5").error, vxi11::DEVICE_NOT_ACCESSIBLE);
  const auto made = make_link();
  EXPECT_EQ(read(made.lid, 100).error, vxi11::DEVICE_IO_TIMEOUT);
  write(made.lid, "*IDN?");
  write(made.lid, "SYST:ERR?;:SYST:ERR?");
  EXPECT_EQ(text(read(made.lid, 100).data),
            "-420,\"Query UNTERMINATED\";-410,\"Query INTERRUPTED\"\n");
  EXPECT_EQ(write(made.lid, std::string(made.maxRecvSize, ' '), 0).size, made.maxRecvSize);
  EXPECT_EQ(write(made.lid, " ").error, vxi11::DEVICE_PARAMETER_ERROR);
  write(made.lid, "*IDN?");
  EXPECT_EQ(calls.device_clear({.lid = made.lid}).get().error, vxi11::DEVICE_NO_ERROR);
  EXPECT_EQ(read(made.lid, 100).error, vxi11::DEVICE_IO_TIMEOUT);
}

TEST_F(Vxi11Client, IsRefusedWhatThisInstrumentDoesNotDo) {
  constexpr auto refused = vxi11::DEVICE_OPERATION_NOT_SUPPORTED;
  EXPECT_EQ(make_link("inst0", true).error, refused);
  const auto link = make_link().lid;
  EXPECT_EQ(calls.device_trigger({.lid = link}).get().error, refused);
  EXPECT_EQ(calls.device_remote({.lid = link}).get().error, refused);
  EXPECT_EQ(calls.device_local({.lid = link}).get().error, refused);
  EXPECT_EQ(calls.device_lock({.lid = link}).get().error, refused);
  EXPECT_EQ(calls.device_unlock(link).get().error, refused);
  EXPECT_EQ(calls.device_enable_srq({.lid = link}).get().error, refused);
  EXPECT_EQ(calls.device_docmd({.lid = link}).get().error, refused);
  EXPECT_EQ(calls.create_intr_chan({}).get().error, refused);
  EXPECT_EQ(calls.destroy_intr_chan().get().error, refused);
}

TEST_F(Vxi11Client, HasLinksOfItsOwn) {
  const auto made = make_link();
  {
    rpc::client another{loop, core_channel().text()};
    EXPECT_EQ(core{another}.destroy_link(made.lid).get().error, vxi11::DEVICE_INVALID_LINK);
    EXPECT_EQ(core{another}.device_readstb({.lid = made.lid}).get().error,
              vxi11::DEVICE_INVALID_LINK);
  }
  auto abort_channel = core_channel();
  abort_channel.port = made.abortPort;
  rpc::client aborting{loop, abort_channel.text()};
  const vxi11::DEVICE_ASYNC_VERSION::stub aborts{aborting};
  EXPECT_EQ(aborts.device_abort(made.lid).get().error, vxi11::DEVICE_NO_ERROR);
  EXPECT_EQ(calls.destroy_link(made.lid).get().error, vxi11::DEVICE_NO_ERROR);
  EXPECT_EQ(aborts.device_abort(made.lid).get().error, vxi11::DEVICE_INVALID_LINK);
  EXPECT_EQ(write(made.lid, "*IDN?").error, vxi11::DEVICE_INVALID_LINK);
}

TEST_F(Vxi11Client, MakesSoManyLinksUntilTheirConnectionEnds) {
  rpc::client later{loop, core_channel().text()};
  const core its_calls{later};
  const auto make_another = [&] { return its_calls.create_link({.device = "inst0"}).get().error; };
  {
    rpc::client earlier{loop, core_channel().text()};
    int count = 0;
    while (core{earlier}.create_link({.device = "inst0"}).get().error == vxi11::DEVICE_NO_ERROR) {
      ASSERT_LE(++count, 64);
    }
    EXPECT_EQ(count, 64);
    EXPECT_EQ(make_another(), vxi11::DEVICE_OUT_OF_RESOURCES);
  }
  auto made = make_another();
  while (made == vxi11::DEVICE_OUT_OF_RESOURCES) made = make_another();
  EXPECT_EQ(made, vxi11::DEVICE_NO_ERROR);
}

}  // namespace
}  // namespace tryst
