// The procedures that look at files (RFC 1813 §3.3), called directly.
#include <gtest/gtest.h>

#include <filesystem>
#include <limits>

#include "served_tree.hpp"

namespace {

using namespace nfs3;
using namespace nfsd_test;

class Reading : public testing::Test {
protected:
  served_tree served_;
  nfsd::nfs3_service& nfs() { return served_.nfs(); }
};

TEST_F(Reading, GetattrTellsWhatTheFileIs) {
  served_.write("file", "hello", 0640);
  const fattr3 attributes = served_.attributes(served_.handle("file"));
  EXPECT_EQ(attributes.type, NF3REG);
  EXPECT_EQ(attributes.mode, 0640U);
  EXPECT_EQ(attributes.size, 5U);
  EXPECT_EQ(attributes.nlink, 1U);
  EXPECT_EQ(attributes.uid, ::geteuid());
  EXPECT_NE(attributes.fsid, 0U);
  EXPECT_EQ(served_.attributes(served_.root()).type, NF3DIR);
}

TEST_F(Reading, LookupGivesHandleAndAttributesOfBoth) {
  served_.write("directory/file", "hello");
  auto found = nfs().NFSPROC3_LOOKUP(served_.mine(), {{served_.handle("directory"), "file"}});
  ASSERT_EQ(found.status(), NFS3_OK);
  EXPECT_EQ(found.resok()->obj_attributes.attributes()->size, 5U);
  EXPECT_EQ(found.resok()->dir_attributes.attributes()->type, NF3DIR);
}

TEST_F(Reading, LookupOfDotDotStaysInTheExport) {
  served_.make_directory("directory");
  EXPECT_EQ(served_.handle(served_.root(), ".."), served_.root());
  EXPECT_EQ(served_.handle(served_.handle("directory"), ".."), served_.root());
}

TEST_F(Reading, LookupRefusesWithTheDirectorysAttributes) {
  served_.write("file", "");
  const auto status = [&](const nfs_fh3& where, const std::string& name) {
    auto reply = nfs().NFSPROC3_LOOKUP(served_.mine(), {{where, name}});
    if (reply.resfail()) {
      EXPECT_TRUE(reply.resfail()->dir_attributes.attributes_follow());
    }
    return reply.status();
  };
  EXPECT_EQ(status(served_.root(), "missing"), NFS3ERR_NOENT);
  EXPECT_EQ(status(served_.root(), ""), NFS3ERR_ACCES);
  EXPECT_EQ(status(served_.root(), "../export"), NFS3ERR_ACCES);
  EXPECT_EQ(status(served_.root(), std::string(300, 'x')), NFS3ERR_NAMETOOLONG);
  EXPECT_EQ(status(served_.handle("file"), "x"), NFS3ERR_NOTDIR);
}

TEST_F(Reading, AccessIsJudgedByTheCallersUidAndGids) {
  served_.write("file", "", 0751);
  served_.make_directory("directory", 0755);
  const std::uint32_t all = 0x3f;
  const auto access = [&](const tryst::rpc::call_info& call, const std::string& name) {
    return nfs().NFSPROC3_ACCESS(call, {served_.handle(name), all}).resok()->access;
  };
  EXPECT_EQ(access(served_.strangers(), "file"), static_cast<std::uint32_t>(ACCESS3_EXECUTE));
  EXPECT_EQ(access(served_.anonymous(), "file"), static_cast<std::uint32_t>(ACCESS3_EXECUTE));
  EXPECT_EQ(access(served_.strangers(), "directory"),
            static_cast<std::uint32_t>(ACCESS3_READ | ACCESS3_LOOKUP));
  EXPECT_EQ(access(served_.mine(), "directory"),
            static_cast<std::uint32_t>(ACCESS3_READ | ACCESS3_LOOKUP | ACCESS3_MODIFY |
                                       ACCESS3_EXTEND | ACCESS3_DELETE));
  EXPECT_EQ(
      nfs().NFSPROC3_ACCESS(served_.mine(), {served_.handle("file"), ACCESS3_READ}).resok()->access,
      static_cast<std::uint32_t>(ACCESS3_READ));
}

TEST_F(Reading, ReadlinkDoesNotFollow) {
  std::filesystem::create_symlink("../../etc/passwd", served_ / "link");
  auto read = nfs().NFSPROC3_READLINK(served_.mine(), {served_.handle("link")});
  ASSERT_EQ(read.status(), NFS3_OK);
  EXPECT_EQ(read.resok()->data, "../../etc/passwd");
  EXPECT_EQ(nfs().NFSPROC3_READLINK(served_.mine(), {served_.root()}).status(), NFS3ERR_INVAL);
}

TEST_F(Reading, ReadTellsTheEndOfTheFile) {
  served_.write("file", "hello world");
  const nfs_fh3 file = served_.handle("file");
  const auto read = [&](offset3 offset, count3 count) {
    auto reply = nfs().NFSPROC3_READ(served_.mine(), {file, offset, count});
    EXPECT_EQ(reply.status(), NFS3_OK);
    EXPECT_EQ(reply.resok()->count, reply.resok()->data.size());
    return std::pair{text_of(reply.resok()->data), reply.resok()->eof};
  };
  EXPECT_EQ(read(0, 5), std::pair(std::string{"hello"}, false));
  EXPECT_EQ(read(6, 5), std::pair(std::string{"world"}, true));
  EXPECT_EQ(read(6, 4'000'000'000), std::pair(std::string{"world"}, true));
  EXPECT_EQ(read(11, 5), std::pair(std::string{}, true));
  EXPECT_EQ(read(std::numeric_limits<offset3>::max(), 5), std::pair(std::string{}, true));
}

TEST_F(Reading, ReadIsForWhoMayReadAndForFiles) {
  served_.write("file", "secret", 0600);
  const auto status = [&](const tryst::rpc::call_info& call, const nfs_fh3& file) {
    return nfs().NFSPROC3_READ(call, {file, 0, 10}).status();
  };
  EXPECT_EQ(status(served_.strangers(), served_.handle("file")), NFS3ERR_ACCES);
  EXPECT_EQ(status(served_.anonymous(), served_.handle("file")), NFS3ERR_ACCES);
  EXPECT_EQ(status(served_.mine(), served_.root()), NFS3ERR_ISDIR);
}

TEST_F(Reading, TellsTheFileSystemsNumbers) {
  auto statistics = nfs().NFSPROC3_FSSTAT(served_.mine(), {served_.root()});
  ASSERT_EQ(statistics.status(), NFS3_OK);
  EXPECT_GE(statistics.resok()->tbytes, statistics.resok()->fbytes);
  EXPECT_GT(statistics.resok()->tbytes, 0U);
  auto information = nfs().NFSPROC3_FSINFO(served_.mine(), {served_.root()});
  ASSERT_EQ(information.status(), NFS3_OK);
  EXPECT_EQ(information.resok()->rtmax, nfsd::nfs3_service::max_transfer);
  EXPECT_NE(information.resok()->properties & FSF3_SYMLINK, 0U);
  auto limits = nfs().NFSPROC3_PATHCONF(served_.mine(), {served_.root()});
  ASSERT_EQ(limits.status(), NFS3_OK);
  EXPECT_EQ(limits.resok()->name_max, 255U);
  EXPECT_TRUE(limits.resok()->no_trunc);
  EXPECT_TRUE(limits.resok()->case_preserving);
}

TEST_F(Reading, HandlesSurviveARestart) {
  served_.write("a/b/file", "hello");
  const nfs_fh3 file = served_.handle(served_.directory(served_.path() + "/a/b"), "file");
  served_.restart();
  EXPECT_EQ(served_.attributes(file).size, 5U);
  std::filesystem::rename(served_ / "a/b", served_ / "c");
  EXPECT_EQ(served_.attributes(file).size, 5U);
}

TEST_F(Reading, RefusesHandlesThatItNeverGaveAndThoseOfRemovedFiles) {
  served_.write("file", "hello");
  const nfs_fh3 file = served_.handle("file");
  nfs_fh3 forged = file;
  forged.data.back() ^= std::byte{1};
  EXPECT_EQ(nfs().NFSPROC3_GETATTR(served_.mine(), {forged}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_GETATTR(served_.mine(), {}).status(), NFS3ERR_BADHANDLE);
  std::filesystem::remove(served_ / "file");
  EXPECT_EQ(nfs().NFSPROC3_GETATTR(served_.mine(), {file}).status(), NFS3ERR_STALE);
  served_.restart();
  EXPECT_EQ(nfs().NFSPROC3_GETATTR(served_.mine(), {file}).status(), NFS3ERR_STALE);
}

TEST_F(Reading, AnswersEveryProcedureForABadHandle) {
  const nfs_fh3 bad{bytes_of("no handle at all")};
  const auto call = served_.mine();
  EXPECT_EQ(nfs().NFSPROC3_SETATTR(call, {bad, unchanged(), unguarded()}).status(),
            NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_LOOKUP(call, {{bad, "x"}}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_ACCESS(call, {bad, 1}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_READLINK(call, {bad}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_READ(call, {bad, 0, 1}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_WRITE(call, {bad, 0, 0, UNSTABLE, {}}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_CREATE(call, {{bad, "x"}, creating(GUARDED, unchanged())}).status(),
            NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_MKDIR(call, {{bad, "x"}, unchanged()}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_SYMLINK(call, {{bad, "x"}, {unchanged(), "y"}}).status(),
            NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_MKNOD(call, {{bad, "x"}, {}}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_REMOVE(call, {{bad, "x"}}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_RMDIR(call, {{bad, "x"}}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_RENAME(call, {{bad, "x"}, {bad, "y"}}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_LINK(call, {bad, {bad, "y"}}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_READDIR(call, {bad, 0, {}, 4096}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_READDIRPLUS(call, {bad, 0, {}, 4096, 4096}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_FSSTAT(call, {bad}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_FSINFO(call, {bad}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_PATHCONF(call, {bad}).status(), NFS3ERR_BADHANDLE);
  EXPECT_EQ(nfs().NFSPROC3_COMMIT(call, {bad, 0, 0}).status(), NFS3ERR_BADHANDLE);
}

}  // namespace
