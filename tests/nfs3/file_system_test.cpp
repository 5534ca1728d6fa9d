// Files found: by name, by identity, and never outside the export.
#include "file_system.hpp"

#include <gtest/gtest.h>

#include <set>

#include "temporary_tree.hpp"

namespace {

using namespace nfsd;
using namespace nfsd_test;

class Finding : public testing::Test {
protected:
  Finding() { restart(); }

  void restart() { files_ = file_system::open(tree_ / "export").value(); }
  node root() { return files_->root().value(); }
  result<node> walk(std::initializer_list<std::string_view> names) {
    result<node> at = files_->root();
    for (const auto name : names)
      if (at) at = files_->lookup(*at, name, me());
    return at;
  }

  temporary_tree tree_;
  std::filesystem::path made_ = tree_.make_directory("export");
  std::unique_ptr<file_system> files_;
};

TEST_F(Finding, GoesThroughDirectoriesByName) {
  tree_.write("export/a/b/c", "text");
  const auto found = walk({"a", "b", "c"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->status.stx_size, 4U);
}

TEST_F(Finding, StaysInTheExportAtDotDot) {
  tree_.write("secret", "outside");
  tree_.make_directory("export/a");
  EXPECT_EQ(walk({".."})->identity(), root().identity());
  EXPECT_EQ(walk({"a", ".."})->identity(), root().identity());
  EXPECT_EQ(walk({"a", "..", ".."})->identity(), root().identity());
  EXPECT_EQ(walk({"."})->identity(), root().identity());
}

TEST_F(Finding, RefusesNamesThatAreNotOneComponent) {
  tree_.write("secret", "outside");
  tree_.write("export/a/b", "");
  using namespace std::string_view_literals;
  for (const auto name : {""sv, "/"sv, "../secret"sv, "a/b"sv, "/etc/passwd"sv, "a\0"sv, "a/"sv})
    EXPECT_EQ(error_of(files_->lookup(root(), name, me())), EACCES) << name;
  EXPECT_EQ(error_of(files_->lookup(root(), std::string(256, 'x'), me())), ENAMETOOLONG);
}

TEST_F(Finding, NeverFollowsASymbolicLink) {
  std::filesystem::create_symlink("/etc", tree_ / "export/out");
  tree_.make_directory("export/in");
  std::filesystem::create_symlink("in", tree_ / "export/also");
  const auto link = walk({"out"});
  ASSERT_TRUE(link);
  EXPECT_TRUE(S_ISLNK(link->status.stx_mode));
  EXPECT_EQ(files_->read_link(*link), "/etc");
  EXPECT_EQ(error_of(walk({"out", "passwd"})), ENOTDIR);
  EXPECT_EQ(error_of(walk({"also", "x"})), ENOTDIR);
}

TEST_F(Finding, NeedsTheRightToSearch) {
  tree_.write("export/closed/file", "");
  tree_.make_directory("export/closed", 0700);
  const auto closed = walk({"closed"});
  EXPECT_EQ(error_of(files_->lookup(*closed, "file", stranger())), EACCES);
  EXPECT_TRUE(files_->lookup(*closed, "file", me()));
}

TEST_F(Finding, OfAKnownIdentityFollowsRenames) {
  tree_.write("export/a/file", "text");
  const auto identity = walk({"a", "file"})->identity();
  std::filesystem::rename(tree_ / "export/a", tree_ / "export/moved");
  const auto found = files_->find(identity);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->status.stx_size, 4U);
}

TEST_F(Finding, OfAnIdentityWorksAfterARestart) {
  tree_.write("export/a/b/file", "text");
  const auto file = walk({"a", "b", "file"})->identity();
  const auto directory = walk({"a", "b"})->identity();
  restart();
  EXPECT_EQ(files_->find(file)->identity(), file);
  EXPECT_EQ(files_->find(directory)->identity(), directory);
  EXPECT_EQ(files_->find(root().identity())->identity(), root().identity());
  EXPECT_EQ(files_->parent(*files_->find(file))->identity(), directory);
}

TEST_F(Finding, OfARemovedFileIsStale) {
  tree_.write("export/a/file", "text");
  const auto identity = walk({"a", "file"})->identity();
  std::filesystem::remove(tree_ / "export/a/file");
  EXPECT_EQ(error_of(files_->find(identity)), ESTALE);
  EXPECT_EQ(error_of(files_->find(identity)), ESTALE);
}

TEST_F(Finding, TellsAFileFromItsSuccessorWithTheSameNumber) {
  tree_.write("export/file", "text");
  auto identity = walk({"file"})->identity();
  --identity.birth;
  EXPECT_EQ(error_of(files_->find(identity)), ESTALE);
}

TEST_F(Finding, OfAFileThatLeftTheExportIsStaleUntilItIsBack) {
  tree_.write("export/file", "text");
  const auto identity = walk({"file"})->identity();
  std::filesystem::rename(tree_ / "export/file", tree_ / "elsewhere");
  EXPECT_EQ(error_of(files_->find(identity)), ESTALE);
  std::filesystem::rename(tree_ / "elsewhere", tree_ / "export/back");
  ASSERT_TRUE(walk({"back"}));
  EXPECT_TRUE(files_->find(identity));
}

TEST_F(Finding, GoesOnThroughAnotherLinkWhenOneIsRemoved) {
  tree_.write("export/one", "text");
  const auto identity = walk({"one"})->identity();
  std::filesystem::create_hard_link(tree_ / "export/one", tree_ / "export/two");
  ASSERT_FALSE(error_of(files_->remove(root(), "one", me())));
  EXPECT_TRUE(files_->find(identity));
}

TEST_F(Finding, ReachesDeeperThanOnePathOfTheKernel) {
  std::vector<std::string> names(30, std::string(200, 'd'));
  result<node> at = root();
  for (const auto& name : names) at = files_->make_directory(*at, name, me(), {});
  ASSERT_TRUE(at);
  const auto identity = at->identity();
  EXPECT_TRUE(files_->find(identity));
  restart();
  EXPECT_TRUE(files_->find(identity));
}

TEST_F(Finding, ListsEveryEntryOnceFromAnyCookie) {
  std::set<std::string> expected{".", ".."};
  for (int i = 0; i < 300; ++i) {
    tree_.write("export/entry" + std::to_string(i), "");
    expected.insert("entry" + std::to_string(i));
  }
  std::set<std::string> met;
  std::uint64_t cookie = 0;
  while (true) {
    auto reader = files_->read_directory(root(), me(), cookie);
    ASSERT_TRUE(reader);
    const auto entry = reader->next();
    ASSERT_TRUE(entry);
    if (!*entry) break;
    EXPECT_TRUE(met.insert(std::string{(**entry).name}).second) << (**entry).name;
    cookie = (**entry).cookie;
  }
  EXPECT_EQ(met, expected);
}

TEST(PathIndex, ForgetsTheOldestAndDoesNotRunInCircles) {
  path_index index{1, 2};
  index.remember(2, 1, "a");
  index.remember(3, 2, "b");
  EXPECT_EQ(index.path_of(3), "a/b");
  EXPECT_EQ(index.path_of(1), "");
  index.remember(4, 1, "c");
  index.remember(5, 1, "d");
  EXPECT_EQ(index.path_of(3), "a/b");  // in the older half still
  index.remember(6, 1, "e");
  EXPECT_EQ(index.path_of(3), std::nullopt);

  path_index circle{1};
  circle.remember(2, 3, "a");
  circle.remember(3, 2, "b");
  EXPECT_EQ(circle.path_of(3), std::nullopt);
}

}  // namespace
