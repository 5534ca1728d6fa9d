#include "access.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "temporary_tree.hpp"

namespace {

using namespace nfsd;

file_status file_of(uid_t uid, gid_t gid, mode_t mode) {
  file_status status{};
  status.stx_uid = uid;
  status.stx_gid = gid;
  status.stx_mode = static_cast<std::uint16_t>(mode);
  return status;
}

const caller owner{1000, 100, {}};
const caller member{1001, 101, {55, 100}};
const caller other{1002, 102, {}};
const caller root{0, 0, {}};

TEST(ModeBits, AreTheOwnersForTheOwnerOnly) {
  const file_status file = file_of(1000, 100, S_IFREG | 0077);
  EXPECT_FALSE(permitted(file, owner, may_read));
  EXPECT_TRUE(permitted(file, member, may_read | may_write | may_execute));
  EXPECT_TRUE(permitted(file, other, may_read | may_write | may_execute));
}

TEST(ModeBits, AreTheGroupsForItsMembersOnly) {
  const file_status file = file_of(1000, 100, S_IFREG | 0604);
  EXPECT_FALSE(permitted(file, member, may_read));
  EXPECT_TRUE(permitted(file, other, may_read));
  EXPECT_FALSE(permitted(file, other, may_read | may_write));
}

TEST(ModeBits, DoNotBindRootButForExecution) {
  EXPECT_TRUE(permitted(file_of(1000, 100, S_IFREG), root, may_read | may_write));
  EXPECT_FALSE(permitted(file_of(1000, 100, S_IFREG), root, may_execute));
  EXPECT_TRUE(permitted(file_of(1000, 100, S_IFREG | 0001), root, may_execute));
  EXPECT_TRUE(permitted(file_of(1000, 100, S_IFDIR), root, may_search));
}

TEST(StickyDirectory, LetsOnlyOwnersRemove) {
  const file_status directory = file_of(1000, 100, S_IFDIR | S_ISVTX | 0777);
  const file_status file = file_of(1001, 100, S_IFREG | 0666);
  EXPECT_TRUE(may_remove(directory, file, owner));
  EXPECT_TRUE(may_remove(directory, file, member));
  EXPECT_TRUE(may_remove(directory, file, root));
  EXPECT_FALSE(may_remove(directory, file, other));
  EXPECT_TRUE(may_remove(file_of(1000, 100, S_IFDIR | 0777), file, other));
}

TEST(RootSquash, MakesRootNobodyInEveryPlace) {
  const identity_rules rules;
  EXPECT_EQ(rules.of(0, 0, {0, 7}).uid, 65534U);
  EXPECT_EQ(rules.of(0, 0, {0, 7}).gid, 65534U);
  EXPECT_TRUE(rules.of(0, 0, {0, 7}).groups.empty());
  const caller in_roots_group = rules.of(1000, 0, {0, 7});
  EXPECT_EQ(in_roots_group.uid, 1000U);
  EXPECT_EQ(in_roots_group.gid, 65534U);
  EXPECT_FALSE(in_roots_group.is_in(0));
  EXPECT_TRUE(in_roots_group.is_in(7));
}

TEST(RootSquash, CanBeOff) {
  const identity_rules rules{.root_squash = false};
  EXPECT_TRUE(rules.of(0, 0, {}).is_superuser());
  EXPECT_FALSE(rules.anonymous().is_superuser());
}

// As root the kernel judges by the caller's identity; as an ordinary user by the server's own.
TEST(ActingAs, IsTheCallerForTheKernelAndEndsWithItsScope) {
  const nfsd_test::temporary_tree tree;
  const auto secret = tree.write("secret", "x", 0600);
  const int fd = ::open(secret.c_str(), O_PATH);
  {
    const acting_as identity{nfsd_test::stranger()};
    EXPECT_EQ(kernel_permits(fd, may_read), !can_act_as_callers());
  }
  EXPECT_TRUE(kernel_permits(fd, may_read));
  ::close(fd);
}

}  // namespace
