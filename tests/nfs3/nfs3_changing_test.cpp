// The procedures that change files (RFC 1813 §3.3), called directly.
#include <gtest/gtest.h>

#include <filesystem>

#include "attributes.hpp"
#include "served_tree.hpp"

namespace {

using namespace nfs3;
using namespace nfsd_test;

class Writing : public testing::Test {
protected:
  nfsd::nfs3_service& nfs() { return served_.nfs(); }

  CREATE3res create(const std::string& name, const createhow3& how) {
    return nfs().NFSPROC3_CREATE(served_.mine(), {{served_.root(), name}, how});
  }
  nfsstat3 set(const std::string& name, const sattr3& attributes) {
    return nfs()
        .NFSPROC3_SETATTR(served_.mine(), {served_.handle(name), attributes, unguarded()})
        .status();
  }

  served_tree served_;
};

TEST_F(Writing, StoresDataAsStablyAsAsked) {
  served_.write("file", "");
  const nfs_fh3 file = served_.handle("file");
  offset3 offset = 0;
  for (const stable_how how : {UNSTABLE, DATA_SYNC, FILE_SYNC}) {
    auto reply = nfs().NFSPROC3_WRITE(served_.mine(), {file, offset, 3, how, bytes_of("abc")});
    ASSERT_EQ(reply.status(), NFS3_OK);
    EXPECT_EQ(reply.resok()->count, 3U);
    EXPECT_EQ(reply.resok()->committed, how);
    EXPECT_EQ(reply.resok()->file_wcc.before.attributes()->size, offset);
    EXPECT_EQ(reply.resok()->file_wcc.after.attributes()->size, offset + 3);
    offset += 3;
  }
  EXPECT_EQ(served_.read("file"), "abcabcabc");
}

TEST_F(Writing, TellsARestartByTheVerifier) {
  served_.write("file", "");
  const nfs_fh3 file = served_.handle("file");
  auto written = nfs().NFSPROC3_WRITE(served_.mine(), {file, 0, 1, UNSTABLE, bytes_of("x")});
  ASSERT_EQ(written.status(), NFS3_OK);
  auto committed = nfs().NFSPROC3_COMMIT(served_.mine(), {file, 0, 0});
  ASSERT_EQ(committed.status(), NFS3_OK);
  EXPECT_EQ(committed.resok()->verf, written.resok()->verf);
  served_.restart();
  EXPECT_NE(nfs().NFSPROC3_COMMIT(served_.mine(), {file, 0, 0}).resok()->verf,
            written.resok()->verf);
}

TEST_F(Writing, RefusesACountThatIsNotTheDatas) {
  served_.write("file", "old");
  EXPECT_EQ(
      nfs()
          .NFSPROC3_WRITE(served_.mine(), {served_.handle("file"), 0, 7, FILE_SYNC, bytes_of("x")})
          .status(),
      NFS3ERR_INVAL);
  EXPECT_EQ(served_.read("file"), "old");
}

TEST_F(Writing, CreatesInThreeModes) {
  auto made = create("file", creating(UNCHECKED, with_mode(0640)));
  ASSERT_EQ(made.status(), NFS3_OK);
  EXPECT_EQ(made.resok()->obj_attributes.attributes()->mode, 0640U);
  EXPECT_EQ(*made.resok()->obj.handle(), served_.handle("file"));
  EXPECT_TRUE(made.resok()->dir_wcc.before.attributes_follow());

  EXPECT_EQ(create("file", creating(GUARDED, unchanged())).status(), NFS3ERR_EXIST);
  served_.write("file", "text", 0640);
  EXPECT_EQ(create("file", creating(UNCHECKED, with_mode(0600))).status(), NFS3_OK);
  EXPECT_EQ(served_.read("file"), "text");
  EXPECT_EQ(served_.attributes(served_.handle("file")).mode, 0640U);
  EXPECT_EQ(create("file", creating(UNCHECKED, with_size(0))).status(), NFS3_OK);
  EXPECT_EQ(served_.read("file"), "");
  served_.make_directory("directory");
  EXPECT_EQ(create("directory", creating(UNCHECKED, unchanged())).status(), NFS3ERR_EXIST);
}

TEST_F(Writing, KnowsAnExclusiveCreateAgainEvenAfterARestart) {
  auto made = create("file", creating_exclusively(0xa5));
  ASSERT_EQ(made.status(), NFS3_OK);
  served_.restart();
  auto again = create("file", creating_exclusively(0xa5));
  ASSERT_EQ(again.status(), NFS3_OK);
  EXPECT_EQ(again.resok()->obj, made.resok()->obj);
  EXPECT_EQ(create("file", creating_exclusively(0x5a)).status(), NFS3ERR_EXIST);
  ASSERT_EQ(set("file", with_mode(0644)), NFS3_OK);
}

TEST_F(Writing, SetattrChangesWhatItIsTold) {
  served_.write("file", "hello world", 0600);
  sattr3 attributes = with_mode(0755);
  attributes.size.set_size(5);
  attributes.atime.set_set_it(SET_TO_SERVER_TIME);
  attributes.mtime.set_set_it(SET_TO_CLIENT_TIME);
  *attributes.mtime.mtime() = {1'000'000'000, 999'999'999};
  ASSERT_EQ(set("file", attributes), NFS3_OK);
  const fattr3 now = served_.attributes(served_.handle("file"));
  EXPECT_EQ(now.mode, 0755U);
  EXPECT_EQ(now.size, 5U);
  EXPECT_EQ(now.mtime, (nfstime3{1'000'000'000, 999'999'999}));
  *attributes.mtime.mtime() = {1, 1'000'000'000};
  EXPECT_EQ(set("file", attributes), NFS3ERR_INVAL);
}

TEST_F(Writing, SetattrIsGuardedByTheTimeOfChange) {
  served_.write("file", "");
  const nfs_fh3 file = served_.handle("file");
  sattrguard3 guard;
  guard.set_obj_ctime({1, 1});
  EXPECT_EQ(nfs().NFSPROC3_SETATTR(served_.mine(), {file, with_mode(0), guard}).status(),
            NFS3ERR_NOT_SYNC);
  guard.set_obj_ctime(served_.attributes(file).ctime);
  EXPECT_EQ(nfs().NFSPROC3_SETATTR(served_.mine(), {file, with_mode(0600), guard}).status(),
            NFS3_OK);
}

TEST_F(Writing, MakesDirectoriesLinksAndSpecialFiles) {
  const auto root = served_.root();
  auto directory = nfs().NFSPROC3_MKDIR(served_.mine(), {{root, "d"}, with_mode(0711)});
  ASSERT_EQ(directory.status(), NFS3_OK);
  EXPECT_EQ(directory.resok()->obj_attributes.attributes()->mode, 0711U);
  auto link = nfs().NFSPROC3_SYMLINK(served_.mine(), {{root, "l"}, {unchanged(), "d"}});
  ASSERT_EQ(link.status(), NFS3_OK);
  EXPECT_EQ(link.resok()->obj_attributes.attributes()->type, NF3LNK);
  mknoddata3 what;
  what.set_type(NF3FIFO);
  *what.pipe_attributes() = with_mode(0600);
  auto fifo = nfs().NFSPROC3_MKNOD(served_.mine(), {{root, "f"}, what});
  ASSERT_EQ(fifo.status(), NFS3_OK);
  EXPECT_EQ(fifo.resok()->obj_attributes.attributes()->type, NF3FIFO);
  what.set_type(NF3REG);
  EXPECT_EQ(nfs().NFSPROC3_MKNOD(served_.mine(), {{root, "x"}, what}).status(), NFS3ERR_BADTYPE);
  what.set_type(NF3CHR);
  what.device()->dev_attributes = with_mode(0666);
  EXPECT_EQ(nfs().NFSPROC3_MKNOD(served_.strangers(), {{root, "x"}, what}).status(), NFS3ERR_ACCES);
}

TEST_F(Writing, RenamesLinksAndRemoves) {
  served_.write("a/file", "text");
  served_.make_directory("b");
  const nfs_fh3 file = served_.handle(served_.handle("a"), "file");
  auto renamed = nfs().NFSPROC3_RENAME(
      served_.mine(), {{served_.handle("a"), "file"}, {served_.handle("b"), "moved"}});
  ASSERT_EQ(renamed.status(), NFS3_OK);
  EXPECT_NE(renamed.resok()->fromdir_wcc.before.attributes()->mtime,
            renamed.resok()->fromdir_wcc.after.attributes()->mtime);
  EXPECT_EQ(served_.attributes(file).size, 4U);
  auto linked = nfs().NFSPROC3_LINK(served_.mine(), {file, {served_.handle("a"), "again"}});
  ASSERT_EQ(linked.status(), NFS3_OK);
  EXPECT_EQ(linked.resok()->file_attributes.attributes()->nlink, 2U);
  EXPECT_EQ(nfs().NFSPROC3_RMDIR(served_.mine(), {{served_.root(), "b"}}).status(),
            NFS3ERR_NOTEMPTY);
  EXPECT_EQ(nfs().NFSPROC3_REMOVE(served_.mine(), {{served_.handle("b"), "moved"}}).status(),
            NFS3_OK);
  EXPECT_EQ(nfs().NFSPROC3_RMDIR(served_.mine(), {{served_.root(), "b"}}).status(), NFS3_OK);
  EXPECT_EQ(served_.attributes(file).nlink, 1U);
  EXPECT_EQ(nfs().NFSPROC3_REMOVE(served_.mine(), {{served_.root(), "b"}}).status(), NFS3ERR_NOENT);
}

TEST_F(Writing, ToAReadOnlyExportIsRefusedInEveryProcedure) {
  served_tree readable{false};
  readable.write("file", "text", 0666);
  auto& service = readable.nfs();
  const auto call = readable.mine();
  const nfs_fh3 file = readable.handle("file");
  const nfs_fh3 root = readable.root();
  mknoddata3 fifo;
  fifo.set_type(NF3FIFO);
  *fifo.pipe_attributes() = unchanged();
  EXPECT_EQ(service.NFSPROC3_SETATTR(call, {file, with_size(0), unguarded()}).status(),
            NFS3ERR_ROFS);
  EXPECT_EQ(service.NFSPROC3_WRITE(call, {file, 0, 1, FILE_SYNC, bytes_of("x")}).status(),
            NFS3ERR_ROFS);
  EXPECT_EQ(service.NFSPROC3_COMMIT(call, {file, 0, 0}).status(), NFS3ERR_ROFS);
  EXPECT_EQ(service.NFSPROC3_CREATE(call, {{root, "x"}, creating(UNCHECKED, unchanged())}).status(),
            NFS3ERR_ROFS);
  EXPECT_EQ(service.NFSPROC3_MKDIR(call, {{root, "x"}, unchanged()}).status(), NFS3ERR_ROFS);
  EXPECT_EQ(service.NFSPROC3_SYMLINK(call, {{root, "x"}, {unchanged(), "y"}}).status(),
            NFS3ERR_ROFS);
  EXPECT_EQ(service.NFSPROC3_MKNOD(call, {{root, "x"}, fifo}).status(), NFS3ERR_ROFS);
  EXPECT_EQ(service.NFSPROC3_REMOVE(call, {{root, "file"}}).status(), NFS3ERR_ROFS);
  EXPECT_EQ(service.NFSPROC3_RMDIR(call, {{root, "file"}}).status(), NFS3ERR_ROFS);
  EXPECT_EQ(service.NFSPROC3_RENAME(call, {{root, "file"}, {root, "x"}}).status(), NFS3ERR_ROFS);
  EXPECT_EQ(service.NFSPROC3_LINK(call, {file, {root, "x"}}).status(), NFS3ERR_ROFS);
  EXPECT_EQ(service.NFSPROC3_ACCESS(call, {file, 0x3f}).resok()->access,
            static_cast<std::uint32_t>(ACCESS3_READ));
  EXPECT_EQ(readable.read("file"), "text");
}

TEST_F(Writing, AsRootIsWritingAsNobodyUnlessTheSquashIsOff) {
  served_tree squashed{true, true};
  squashed.write("secret", "text", 0600);
  squashed.make_directory("open", 0777);
  const nfs_fh3 secret = squashed.handle("secret");
  EXPECT_EQ(squashed.nfs().NFSPROC3_READ(squashed.roots(), {secret, 0, 10}).status(),
            NFS3ERR_ACCES);
  auto made = squashed.nfs().NFSPROC3_CREATE(
      squashed.roots(),
      {{squashed.directory(squashed.path() + "/open"), "file"}, creating(GUARDED, unchanged())});
  ASSERT_EQ(made.status(), NFS3_OK);
  // An ordinary user's server cannot give files away.
  EXPECT_EQ(made.resok()->obj_attributes.attributes()->uid,
            nfsd::can_act_as_callers() ? served_tree::anonymous_uid : ::geteuid());

  served_.write("secret", "text", 0600);
  auto read = nfs().NFSPROC3_READ(served_.roots(), {served_.handle("secret"), 0, 10});
  EXPECT_EQ(read.status(), NFS3_OK);
}

TEST(ErrorNumbers, AllHaveAWordInTheProtocol) {
  const auto word = [](int error) { return nfsd::to_status({error, std::generic_category()}); };
  EXPECT_EQ(word(EPERM), NFS3ERR_PERM);
  EXPECT_EQ(word(ENOSPC), NFS3ERR_NOSPC);
  EXPECT_EQ(word(EDQUOT), NFS3ERR_DQUOT);
  EXPECT_EQ(word(EMLINK), NFS3ERR_MLINK);
  EXPECT_EQ(word(EXDEV), NFS3ERR_XDEV);
  EXPECT_EQ(word(EMFILE), NFS3ERR_JUKEBOX);
  for (int error = 1; error < 140; ++error) EXPECT_NE(word(error), NFS3_OK) << error;
}

}  // namespace
