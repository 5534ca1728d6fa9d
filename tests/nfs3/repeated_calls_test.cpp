// A client whose connection dies repeats its calls on the next one: what they did is not done
// again, and they are told what they would have been told.
#include <gtest/gtest.h>

#include <optional>
#include <tryst/auth/sys.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/message.hpp>
#include <tryst/xdr/codec.hpp>

#include "mount3.hpp"
#include "nfs3.hpp"
#include "running_server.hpp"
#include "support/raw_client.hpp"
#include "temporary_tree.hpp"

namespace {

using namespace nfsd_test;
using tryst::tests::raw_client;
using tryst::tests::record_of;
using v3 = nfs3::NFS_V3;

class RepeatedCall : public testing::Test {
protected:
  RepeatedCall() {
    tree_.make_directory("export", 0777);
    server_.emplace(tree_ / "export", tree_ / "state", std::vector<std::string>{"--read-write"});
    where_ = tryst::rpc::address::parse(address()).value();
    connection_.emplace(where_);
    tryst::loop_thread loop;
    tryst::rpc::client mounter{loop, address(), {.authenticator = &me_}};
    const auto path = std::filesystem::canonical(tree_ / "export").string();
    root_ = nfs3::nfs_fh3{
        mount3::MOUNT_V3::stub{mounter}.MOUNTPROC3_MNT(path).get().mountinfo()->fhandle};
  }

  std::string address() const { return "tcp://127.0.0.1:" + std::to_string(server_->nfs_port()); }

  template <class Procedure, class Arguments>
  tryst::tests::bytes call(std::uint32_t xid, const Arguments& arguments) {
    tryst::xdr::byte_buffer out;
    tryst::rpc::put_call_header(out, xid, v3::id, Procedure::number);
    me_.put(out, 0);
    tryst::xdr::writer w{out};
    tryst::xdr::encode(w, arguments);
    const std::span<const std::byte> message{out};
    tryst::tests::bytes bytes(message.size());
    std::memcpy(bytes.data(), message.data(), message.size());
    return record_of(bytes);
  }
  tryst::tests::bytes ask(const tryst::tests::bytes& record) {
    connection_->write(record);
    return connection_->read_record();
  }
  void connect_anew() {
    connection_->reset();
    connection_.emplace(where_);
  }
  // The first word of the result: NFS's own status.
  static nfs3::nfsstat3 status_of(const tryst::tests::bytes& reply) {
    const auto parsed = tryst::rpc::parse_reply(std::as_bytes(std::span{reply}));
    EXPECT_TRUE(parsed && !parsed->why && parsed->result.size() >= 4);
    return static_cast<nfs3::nfsstat3>(tryst::xdr::load_big<std::uint32_t>(parsed->result.data()));
  }

  temporary_tree tree_;
  tryst::auth::sys me_{tryst::auth::sys_credential::of_this_process()};
  std::optional<running_server> server_;
  tryst::rpc::address where_;
  std::optional<raw_client> connection_;
  nfs3::nfs_fh3 root_;
};

TEST_F(RepeatedCall, OfRemoveSucceedsAgainOnTheNextConnection) {
  tree_.write("export/file", "text");
  const nfs3::REMOVE3args arguments{.object = {.dir = root_, .name = "file"}};
  const auto remove = call<v3::NFSPROC3_REMOVE>(7, arguments);
  const auto first = ask(remove);
  EXPECT_EQ(status_of(first), nfs3::NFS3_OK);
  EXPECT_FALSE(std::filesystem::exists(tree_ / "export/file"));
  connect_anew();
  EXPECT_EQ(ask(remove), first);
  // Nor does it remove what has come in its place.
  tree_.write("export/file", "another");
  EXPECT_EQ(ask(remove), first);
  EXPECT_TRUE(std::filesystem::exists(tree_ / "export/file"));
  // With a new xid it is another call.
  EXPECT_EQ(status_of(ask(call<v3::NFSPROC3_REMOVE>(8, arguments))), nfs3::NFS3_OK);
  EXPECT_EQ(status_of(ask(call<v3::NFSPROC3_REMOVE>(9, arguments))), nfs3::NFS3ERR_NOENT);
}

TEST_F(RepeatedCall, OfRenameSucceedsAgainOnTheNextConnection) {
  tree_.write("export/from", "text");
  const auto rename = call<v3::NFSPROC3_RENAME>(
      7, nfs3::RENAME3args{.from = {.dir = root_, .name = "from"}, .to = {root_, "to"}});
  const auto first = ask(rename);
  EXPECT_EQ(status_of(first), nfs3::NFS3_OK);
  connect_anew();
  EXPECT_EQ(ask(rename), first);
  EXPECT_EQ(tree_.read("export/to"), "text");
}

}  // namespace
