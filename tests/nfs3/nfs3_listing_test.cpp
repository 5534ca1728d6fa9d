// READDIR and READDIRPLUS, and MOUNT.
#include <gtest/gtest.h>

#include <set>
#include <tryst/xdr/codec.hpp>

#include "served_tree.hpp"

namespace {

using namespace nfs3;
using namespace nfsd_test;

class Listing : public testing::Test {
protected:
  nfsd::nfs3_service& nfs() { return served_.nfs(); }

  // Reads on until the end, each reply in at most `count` bytes.
  std::multiset<std::string> names(const nfs_fh3& directory, count3 count) {
    std::multiset<std::string> met;
    READDIR3args args{directory, 0, {}, count};
    while (true) {
      auto reply = nfs().NFSPROC3_READDIR(served_.mine(), args);
      EXPECT_EQ(reply.status(), NFS3_OK);
      if (!reply.resok()) return met;
      EXPECT_LE(tryst::xdr::encoded_size(*reply.resok()), count);
      args.cookieverf = reply.resok()->cookieverf;
      for (const auto* entry = &reply.resok()->reply.entries; *entry;
           entry = &(*entry)->nextentry) {
        met.insert((*entry)->name);
        args.cookie = (*entry)->cookie;
      }
      if (reply.resok()->reply.eof) return met;
    }
  }

  served_tree served_;
};

TEST_F(Listing, Of2000FilesIsCompleteWhateverFitsInAReply) {
  std::multiset<std::string> expected{".", ".."};
  for (int i = 0; i < 2000; ++i) {
    served_.write("file" + std::to_string(i), "");
    expected.insert("file" + std::to_string(i));
  }
  EXPECT_EQ(names(served_.root(), 1024), expected);
  EXPECT_EQ(names(served_.root(), 65536), expected);
}

TEST_F(Listing, PlusGivesHandlesAndAttributesWithinItsBytes) {
  std::set<std::string> expected{".", ".."};
  for (int i = 0; i < 100; ++i) {
    served_.write("file" + std::to_string(i), std::string(static_cast<std::size_t>(i), 'x'));
    expected.insert("file" + std::to_string(i));
  }
  std::set<std::string> met;
  READDIRPLUS3args args{served_.root(), 0, {}, 512, 2048};
  bool eof = false;
  while (!eof) {
    auto reply = nfs().NFSPROC3_READDIRPLUS(served_.mine(), args);
    ASSERT_EQ(reply.status(), NFS3_OK);
    EXPECT_LE(tryst::xdr::encoded_size(*reply.resok()), 2048U);
    args.cookieverf = reply.resok()->cookieverf;
    for (const auto* entry = &reply.resok()->reply.entries; *entry; entry = &(*entry)->nextentry) {
      EXPECT_TRUE(met.insert((*entry)->name).second);
      ASSERT_TRUE((*entry)->name_handle.handle());
      EXPECT_EQ(*(*entry)->name_handle.handle(), served_.handle((*entry)->name));
      EXPECT_EQ((*entry)->name_attributes.attributes()->fileid, (*entry)->fileid);
      args.cookie = (*entry)->cookie;
    }
    eof = reply.resok()->reply.eof;
  }
  EXPECT_EQ(met, expected);
}

TEST_F(Listing, PlusShowsOnlyNamesToWhoMayNotSearch) {
  served_.write("directory/file", "");
  served_.make_directory("directory", 0744);
  auto reply = nfs().NFSPROC3_READDIRPLUS(served_.strangers(),
                                          {served_.handle("directory"), 0, {}, 4096, 4096});
  ASSERT_EQ(reply.status(), NFS3_OK);
  for (const auto* entry = &reply.resok()->reply.entries; *entry; entry = &(*entry)->nextentry) {
    EXPECT_FALSE((*entry)->name_handle.handle_follows());
    EXPECT_FALSE((*entry)->name_attributes.attributes_follow());
  }
}

TEST_F(Listing, GivesTheRootItselfAsItsParent) {
  auto reply = nfs().NFSPROC3_READDIR(served_.mine(), {served_.root(), 0, {}, 4096});
  ASSERT_EQ(reply.status(), NFS3_OK);
  for (const auto* entry = &reply.resok()->reply.entries; *entry; entry = &(*entry)->nextentry)
    EXPECT_EQ((*entry)->fileid, served_.attributes(served_.root()).fileid) << (*entry)->name;
}

TEST_F(Listing, RefusesWhatItCannotDo) {
  served_.write("file", "");
  served_.make_directory("closed", 0711);
  const auto status = [&](const tryst::rpc::call_info& call, READDIR3args args) {
    return nfs().NFSPROC3_READDIR(call, args).status();
  };
  cookieverf3 wrong{};
  wrong.fill(std::byte{0xff});
  EXPECT_EQ(status(served_.mine(), {served_.root(), 7, wrong, 4096}), NFS3ERR_BAD_COOKIE);
  EXPECT_EQ(status(served_.mine(), {served_.root(), 0, {}, 100}), NFS3ERR_TOOSMALL);
  EXPECT_EQ(status(served_.mine(), {served_.handle("file"), 0, {}, 4096}), NFS3ERR_NOTDIR);
  EXPECT_EQ(status(served_.strangers(), {served_.handle("closed"), 0, {}, 4096}), NFS3ERR_ACCES);
  EXPECT_EQ(
      nfs().NFSPROC3_READDIRPLUS(served_.mine(), {served_.root(), 7, wrong, 9000, 9000}).status(),
      NFS3ERR_BAD_COOKIE);
  EXPECT_EQ(nfs().NFSPROC3_READDIRPLUS(served_.mine(), {served_.root(), 0, {}, 50, 200}).status(),
            NFS3ERR_TOOSMALL);
}

TEST_F(Listing, GoesOnAfterARestart) {
  for (int i = 0; i < 50; ++i) served_.write("file" + std::to_string(i), "");
  auto first = nfs().NFSPROC3_READDIR(served_.mine(), {served_.root(), 0, {}, 600});
  ASSERT_EQ(first.status(), NFS3_OK);
  const cookieverf3 verifier = first.resok()->cookieverf;
  const cookie3 cookie = first.resok()->reply.entries->cookie;
  const nfs_fh3 root = served_.root();
  served_.restart();
  EXPECT_EQ(nfs().NFSPROC3_READDIR(served_.mine(), {root, cookie, verifier, 600}).status(),
            NFS3_OK);
}

class Mounting : public Listing {};

TEST_F(Mounting, GivesTheHandleOfAnExportAndOfADirectoryInIt) {
  served_.make_directory("a/b");
  auto reply = served_.mount().MOUNTPROC3_MNT(served_.mine(), served_.path() + "/a/b/");
  ASSERT_EQ(reply.fhs_status(), mount3::MNT3_OK);
  EXPECT_EQ(reply.mountinfo()->fhandle, served_.handle(served_.handle("a"), "b").data);
  EXPECT_EQ(reply.mountinfo()->auth_flavors, (std::vector<std::int32_t>{1, 0}));
}

TEST_F(Mounting, RefusesWhatIsNotExported) {
  served_.write("file", "");
  served_.make_directory("closed/inside");
  served_.make_directory("closed", 0700);
  const auto status = [&](const tryst::rpc::call_info& call, const std::string& path) {
    return served_.mount().MOUNTPROC3_MNT(call, path).fhs_status();
  };
  EXPECT_EQ(status(served_.mine(), "/"), mount3::MNT3ERR_NOENT);
  EXPECT_EQ(status(served_.mine(), ""), mount3::MNT3ERR_NOENT);
  EXPECT_EQ(status(served_.mine(), served_.path() + "x"), mount3::MNT3ERR_NOENT);
  EXPECT_EQ(status(served_.mine(), served_.path() + "/missing"), mount3::MNT3ERR_NOENT);
  EXPECT_EQ(status(served_.mine(), served_.path() + "/file"), mount3::MNT3ERR_NOTDIR);
  EXPECT_EQ(status(served_.strangers(), served_.path() + "/closed/inside"), mount3::MNT3ERR_ACCES);
  // ".." at the root of an export is the root.
  EXPECT_EQ(status(served_.mine(), served_.path() + "/../.."), mount3::MNT3_OK);
  EXPECT_EQ(served_.directory(served_.path() + "/.."), served_.root());
}

TEST_F(Mounting, ListsExportsAndWhoMountedThem) {
  served_.make_directory("a");
  auto exported = served_.mount().MOUNTPROC3_EXPORT();
  ASSERT_TRUE(exported);
  EXPECT_EQ(exported->ex_dir, served_.path());
  EXPECT_FALSE(exported->ex_groups);
  EXPECT_FALSE(exported->ex_next);

  const auto mounts = [&] {
    std::multiset<std::string> all;
    const auto list = served_.mount().MOUNTPROC3_DUMP();
    for (const auto* entry = &list; *entry; entry = &(*entry)->ml_next)
      all.insert((*entry)->ml_hostname + ":" + (*entry)->ml_directory);
    return all;
  };
  const std::string a = served_.path() + "/a";
  served_.directory(a);
  served_.directory(a);
  served_.root();
  EXPECT_EQ(mounts(),
            (std::multiset<std::string>{"192.0.2.7:" + a, "192.0.2.7:" + served_.path()}));
  served_.mount().MOUNTPROC3_UMNT(served_.mine(), a);
  EXPECT_EQ(mounts(), (std::multiset<std::string>{"192.0.2.7:" + served_.path()}));
  served_.mount().MOUNTPROC3_UMNTALL(served_.mine());
  EXPECT_EQ(mounts(), std::multiset<std::string>{});
}

}  // namespace
