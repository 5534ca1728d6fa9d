// The server as it is used: the program itself, stock clients, and our own over TCP.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <tryst/auth/sys.hpp>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>

#include "mount3.hpp"
#include "nfs3.hpp"
#include "running_server.hpp"
#include "temporary_tree.hpp"

namespace {

using namespace nfsd_test;

class Live : public testing::Test {
protected:
  Live() {
    tree_.make_directory("export", 0777);
    tree_.make_directory("local", 0777);
  }

  std::string text(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 12345;
    for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    return bytes;
  }
  std::filesystem::path exported() const { return tree_ / "export"; }
  std::filesystem::path state() const { return tree_ / "state"; }

  temporary_tree tree_;
};

// Our own client of both programs, on one connection.
class own_client {
public:
  explicit own_client(const running_server& server)
      : client_{loop_,
                "tcp://127.0.0.1:" + std::to_string(server.nfs_port()),
                {.authenticator = &me_}} {}

  nfs3::nfs_fh3 mount(const std::string& path) {
    return {mount_.MOUNTPROC3_MNT(path).get().mountinfo()->fhandle};
  }
  nfs3::NFS_V3::stub<tryst::rpc::client>& nfs() { return nfs_; }

private:
  tryst::loop_thread loop_;
  tryst::auth::sys me_{tryst::auth::sys_credential::of_this_process()};
  tryst::rpc::client client_;
  mount3::MOUNT_V3::stub<tryst::rpc::client> mount_{client_};
  nfs3::NFS_V3::stub<tryst::rpc::client> nfs_{client_};
};

TEST_F(Live, StockClientListsAndReads) {
  tree_.write("export/hello.txt", "hello over NFS\n");
  tree_.write("export/a/b/deep.txt", "deep");
  running_server server{exported(), state()};
  const finished listed = run_as_ordinary_user({"nfs-ls", "-R", server.url()});
  EXPECT_EQ(listed.status, 0) << listed.output;
  for (const char* name : {"hello.txt", "b", "deep.txt"})
    EXPECT_NE(listed.output.find(name), listed.output.npos) << listed.output;
  const finished read = run_as_ordinary_user({"nfs-cat", server.url("a/b/deep.txt")});
  EXPECT_EQ(read.status, 0);
  EXPECT_EQ(read.output, "deep");
  EXPECT_EQ(server.stop(), 0);
}

TEST_F(Live, StockClientCopies4MiBInAndOut) {
  const std::string bytes = text(4 << 20);
  const auto source = tree_.write("local/source", bytes);
  running_server server{exported(), state(), {"--read-write"}};
  const finished in = run_as_ordinary_user({"nfs-cp", source.string(), server.url("file")});
  EXPECT_EQ(in.status, 0) << in.output;
  EXPECT_EQ(tree_.read("export/file") == bytes, true);
  const finished out =
      run_as_ordinary_user({"nfs-cp", server.url("file"), (tree_ / "local/copy").string()});
  EXPECT_EQ(out.status, 0) << out.output;
  EXPECT_EQ(tree_.read("local/copy") == bytes, true);
}

TEST_F(Live, StockClientIsRefusedByAReadOnlyExport) {
  const auto source = tree_.write("local/source", "text");
  running_server server{exported(), state()};
  const finished in = run_as_ordinary_user({"nfs-cp", source.string(), server.url("file")});
  EXPECT_NE(in.status, 0);
  EXPECT_FALSE(std::filesystem::exists(exported() / "file"));
}

TEST_F(Live, StockClientLists2000Files) {
  for (int i = 0; i < 2000; ++i) tree_.write("export/file" + std::to_string(i), "");
  running_server server{exported(), state()};
  const finished listed = run_as_ordinary_user({"nfs-ls", server.url()});
  EXPECT_EQ(listed.status, 0);
  EXPECT_EQ(std::ranges::count(listed.output, '\n'), 2000);
}

TEST_F(Live, StockClientThatClaimsToBeRootIsNobodyUnlessTheSquashIsOff) {
  tree_.write("export/secret", "for the owner", 0600);
  running_server squashing{exported(), state(), {"--anonymous", "54322"}};
  EXPECT_NE(run({"nfs-cat", squashing.url("secret", "&uid=0&gid=0")}).output, "for the owner");
  running_server trusting{exported(), state(), {"--no-root-squash"}};
  EXPECT_EQ(run({"nfs-cat", trusting.url("secret", "&uid=0&gid=0")}).output, "for the owner");
}

TEST_F(Live, BothProgramsAnswerOnTheirOwnPortsToo) {
  tree_.write("export/file", "text");
  running_server server{exported(), state(), {"--mount-port", "0"}};
  EXPECT_NE(server.nfs_port(), server.mount_port());
  EXPECT_EQ(run_as_ordinary_user({"nfs-cat", server.url("file")}).output, "text");
}

TEST_F(Live, HandlesSurviveARestart) {
  tree_.write("export/a/file", "text");
  nfs3::nfs_fh3 directory;
  nfs3::nfs_fh3 file;
  {
    running_server server{exported(), state()};
    own_client client{server};
    directory = client.mount(std::filesystem::canonical(exported()).string() + "/a");
    auto found = client.nfs().NFSPROC3_LOOKUP({{directory, "file"}}).get();
    ASSERT_EQ(found.status(), nfs3::NFS3_OK);
    file = found.resok()->object;
    EXPECT_EQ(server.stop(), 0);
  }
  running_server server{exported(), state()};
  own_client client{server};
  auto read = client.nfs().NFSPROC3_READ({file, 0, 100}).get();
  ASSERT_EQ(read.status(), nfs3::NFS3_OK);
  EXPECT_EQ(read.resok()->data.size(), 4U);
  EXPECT_EQ(client.nfs().NFSPROC3_LOOKUP({{directory, "file"}}).get().resok()->object, file);
  std::filesystem::remove(tree_ / "export/a/file");
  EXPECT_EQ(client.nfs().NFSPROC3_GETATTR({file}).get().status(), nfs3::NFS3ERR_STALE);
}

TEST_F(Live, ManyClientsReadAndListAtOnce) {
  const std::string bytes = text(300'000);
  tree_.write("export/file", bytes);
  for (int i = 0; i < 100; ++i) tree_.write("export/small" + std::to_string(i), "");
  running_server server{exported(), state()};
  std::vector<std::jthread> clients;
  std::atomic<int> right = 0;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(
        [&] { right += run_as_ordinary_user({"nfs-cat", server.url("file")}).output == bytes; });
    clients.emplace_back([&] {
      own_client client{server};
      const auto root = client.mount(std::filesystem::canonical(exported()).string());
      for (int round = 0; round < 20; ++round) {
        auto listed = client.nfs().NFSPROC3_READDIRPLUS({root, 0, {}, 65536, 65536}).get();
        if (listed.status() != nfs3::NFS3_OK || !listed.resok()->reply.eof) return;
      }
      ++right;
    });
  }
  clients.clear();
  EXPECT_EQ(right, 8);
}

TEST_F(Live, TellsWhatItWillNotServe) {
  EXPECT_NE(run({NFS3_SERVER, "--export", (tree_ / "missing").string()}).status, 0);
  EXPECT_NE(run({NFS3_SERVER}).status, 0);
  const finished help = run({NFS3_SERVER, "--help"});
  EXPECT_EQ(help.status, 0);
  EXPECT_NE(help.output.find("--read-write"), help.output.npos);
  tree_.write("damaged/handle-key", "short");
  const finished damaged = run({NFS3_SERVER, "--export", exported().string(), "--state",
                                (tree_ / "damaged").string(), "--nfs-port", "0"});
  EXPECT_EQ(damaged.status, 1);
}

}  // namespace
