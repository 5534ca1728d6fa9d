// Files and names changed, for callers who may and callers who may not.
#include <gtest/gtest.h>

#include <string>

#include "file_system.hpp"
#include "temporary_tree.hpp"

namespace {

using namespace nfsd;
using namespace nfsd_test;

class Changing : public testing::Test {
protected:
  node root() { return files_->root().value(); }
  node at(std::string_view name) { return files_->lookup(root(), name, me()).value(); }
  static std::span<const std::byte> bytes(std::string_view text) {
    return std::as_bytes(std::span{text});
  }
  static attribute_changes mode(mode_t bits) {
    attribute_changes changes;
    changes.mode = bits;
    return changes;
  }

  temporary_tree tree_;
  std::unique_ptr<file_system> files_ = file_system::open(tree_.path()).value();
};

TEST_F(Changing, WritesAndReadsAtOffsets) {
  const auto file = files_->make_file(root(), "file", me(), mode(0640));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->status.stx_mode & 07777U, 0640U);
  for (const durability when : {durability::unstable, durability::data, durability::file})
    EXPECT_EQ(files_->write(*file, me(), 5, bytes("world"), when), 5U);
  EXPECT_EQ(files_->write(*file, me(), 0, bytes("hello"), durability::unstable), 5U);
  EXPECT_FALSE(error_of(files_->commit(*file, me())));
  EXPECT_EQ(tree_.read("file"), "helloworld");
  std::array<std::byte, 16> into{};
  EXPECT_EQ(files_->read(*file, me(), 5, into), 5U);
  EXPECT_EQ(files_->read(*file, me(), 100, into), 0U);
  EXPECT_EQ(files_->read(*file, me(), ~0ULL, into), 0U);
  EXPECT_EQ(error_of(files_->write(*file, me(), ~0ULL, bytes("x"), durability::file)), EFBIG);
}

TEST_F(Changing, LetsTheOwnerReadAndWriteWhateverTheMode) {
  const auto file = files_->make_file(root(), "file", me(), mode(0600));
  ASSERT_TRUE(file);
  ASSERT_FALSE(error_of(files_->change(*file, me(), mode(0200))));
  EXPECT_EQ(files_->write(at("file"), me(), 0, bytes("x"), durability::file), 1U);
}

TEST_F(Changing, KeepsStrangersOut) {
  tree_.write("file", "secret", 0600);
  std::array<std::byte, 16> into{};
  attribute_changes truncate;
  truncate.size = 0;
  EXPECT_EQ(error_of(files_->read(at("file"), stranger(), 0, into)), EACCES);
  EXPECT_EQ(error_of(files_->write(at("file"), stranger(), 0, bytes("x"), durability::file)),
            EACCES);
  EXPECT_EQ(error_of(files_->change(at("file"), stranger(), truncate)), EACCES);
  EXPECT_EQ(error_of(files_->change(at("file"), stranger(), mode(0666))), EPERM);
  EXPECT_EQ(error_of(files_->make_file(root(), "new", stranger(), {})), EACCES);
  EXPECT_EQ(error_of(files_->remove(root(), "file", stranger())), EACCES);
  EXPECT_EQ(error_of(files_->rename(root(), "file", root(), "mine", stranger())), EACCES);
  EXPECT_EQ(error_of(files_->link(at("file"), root(), "mine", stranger())), EACCES);
  EXPECT_EQ(tree_.read("file"), "secret");
}

TEST_F(Changing, LetsWhoMayExecuteReadAsAClientMustToRunIt) {
  tree_.write("program", "#!", 0711);
  std::array<std::byte, 16> into{};
  EXPECT_EQ(files_->read(at("program"), stranger(), 0, into), 2U);
}

TEST_F(Changing, GivesNewFilesToTheirCallerWhenItCan) {
  tree_.make_directory("open", 0777);
  const auto open = at("open");
  const auto file = files_->make_file(open, "file", stranger(), mode(04755));
  ASSERT_TRUE(file);
  if (can_act_as_callers()) {
    EXPECT_EQ(file->status.stx_uid, stranger().uid);
    EXPECT_EQ(file->status.stx_mode & 07777U, 04755U);
  } else {
    // A set-uid bit would let the stranger run programs as the server's user.
    EXPECT_EQ(file->status.stx_uid, ::geteuid());
    EXPECT_EQ(file->status.stx_mode & 07777U, 0755U);
  }
}

TEST_F(Changing, DoesNotGiveFilesAway) {
  attribute_changes owner;
  owner.uid = stranger().uid + 1;
  tree_.write("mine", "");
  EXPECT_EQ(error_of(files_->change(at("mine"), stranger(), owner)), EPERM);
  EXPECT_EQ(at("mine").status.stx_uid, ::geteuid());
}

TEST_F(Changing, SetsTimesAndSizes) {
  const auto file = files_->make_file(root(), "file", me(), {});
  attribute_changes changes;
  changes.atime = {1000, 5};
  changes.mtime = {2000, 7};
  changes.size = 100;
  ASSERT_FALSE(error_of(files_->change(*file, me(), changes)));
  const auto status = at("file").status;
  EXPECT_EQ(status.stx_size, 100U);
  EXPECT_EQ(status.stx_atime.tv_sec, 1000);
  EXPECT_EQ(status.stx_mtime.tv_sec, 2000);
  EXPECT_EQ(status.stx_mtime.tv_nsec, 7U);
}

TEST_F(Changing, MakesEveryKindOfFileButDevicesForOrdinaryUsers) {
  EXPECT_TRUE(files_->make_directory(root(), "directory", me(), mode(0700))->is_directory());
  EXPECT_TRUE(S_ISLNK(files_->make_symlink(root(), "link", me(), "../x", {})->status.stx_mode));
  EXPECT_TRUE(S_ISFIFO(
      files_->make_special(root(), "fifo", me(), {S_IFIFO, 0}, mode(0600))->status.stx_mode));
  EXPECT_TRUE(S_ISSOCK(
      files_->make_special(root(), "socket", me(), {S_IFSOCK, 0}, mode(0600))->status.stx_mode));
  tree_.make_directory("open", 0777);
  EXPECT_EQ(error_of(files_->make_special(at("open"), "null", stranger(), {S_IFCHR, 0x103}, {})),
            EPERM);
  EXPECT_EQ(error_of(files_->make_symlink(root(), "empty", me(), "", {})), EINVAL);
  std::array<std::byte, 16> into{};
  EXPECT_EQ(error_of(files_->read(at("directory"), me(), 0, into)), EISDIR);
  EXPECT_EQ(error_of(files_->read(at("fifo"), me(), 0, into)), EINVAL);
}

TEST_F(Changing, RefusesTheNamesThatAreAlwaysThere) {
  EXPECT_EQ(error_of(files_->make_file(root(), "..", me(), {})), EEXIST);
  EXPECT_EQ(error_of(files_->make_directory(root(), ".", me(), {})), EEXIST);
  EXPECT_EQ(error_of(files_->make_file(root(), "a/b", me(), {})), EACCES);
  EXPECT_EQ(error_of(files_->remove_directory(root(), ".", me())), EINVAL);
  EXPECT_EQ(error_of(files_->remove_directory(root(), "..", me())), EEXIST);
  EXPECT_EQ(error_of(files_->rename(root(), "..", root(), "x", me())), EINVAL);
}

TEST_F(Changing, RemovesNames) {
  tree_.write("directory/file", "");
  EXPECT_EQ(error_of(files_->remove_directory(root(), "directory", me())), ENOTEMPTY);
  EXPECT_EQ(error_of(files_->remove(root(), "directory", me())), EISDIR);
  const auto file = files_->lookup(at("directory"), "file", me())->identity();
  EXPECT_FALSE(error_of(files_->remove(at("directory"), "file", me())));
  EXPECT_EQ(error_of(files_->find(file)), ESTALE);
  EXPECT_FALSE(error_of(files_->remove_directory(root(), "directory", me())));
  EXPECT_EQ(error_of(files_->remove(root(), "directory", me())), ENOENT);
}

TEST_F(Changing, RenamesAndFindsWhatItRenamed) {
  tree_.write("a/file", "text");
  tree_.write("b/old", "");
  const auto file = files_->lookup(at("a"), "file", me())->identity();
  const auto old = files_->lookup(at("b"), "old", me())->identity();
  ASSERT_FALSE(error_of(files_->rename(at("a"), "file", at("b"), "old", me())));
  EXPECT_EQ(tree_.read("b/old"), "text");
  EXPECT_TRUE(files_->find(file));
  EXPECT_EQ(error_of(files_->find(old)), ESTALE);
  EXPECT_EQ(error_of(files_->rename(root(), "a", at("a"), "itself", me())), EINVAL);
}

TEST_F(Changing, LinksAFileUnderAnotherName) {
  tree_.write("file", "text");
  ASSERT_FALSE(error_of(files_->link(at("file"), root(), "again", me())));
  EXPECT_EQ(at("again").identity(), at("file").identity());
  EXPECT_EQ(at("again").status.stx_nlink, 2U);
  // The two names are one file: RFC 1813 §3.3.14 wants both to stay.
  EXPECT_FALSE(error_of(files_->rename(root(), "file", root(), "again", me())));
  EXPECT_TRUE(files_->lookup(root(), "file", me()));
}

TEST_F(Changing, TakesTheSetUidBitOffWhenAStrangerWrites) {
  tree_.write("program", "text", 04777);
  ASSERT_TRUE(files_->write(at("program"), stranger(), 0, bytes("x"), durability::file));
  EXPECT_EQ(at("program").status.stx_mode & S_ISUID, 0U);
}

}  // namespace
