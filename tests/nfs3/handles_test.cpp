#include "handles.hpp"

#include <gtest/gtest.h>

#include "sip_hash.hpp"
#include "temporary_tree.hpp"

namespace {

using nfsd::handle_content;
using nfsd::handle_seal;
using nfsd_test::temporary_tree;

const handle_content sample{7, {1234567, 890123456789}};

// The key and the message of the paper's appendix A: bytes 0 to 15, and 0 to 14.
TEST(SipHash, IsThePapers) {
  nfsd::sip_key key;
  std::vector<std::byte> message;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(i);
  for (int i = 0; i < 15; ++i) message.push_back(static_cast<std::byte>(i));
  EXPECT_EQ(nfsd::sip_hash(key, message), 0xa129ca6149be45e5U);
}

TEST(Handles, SayWhatWasSealed) {
  const handle_seal seal{nfsd::sip_key{}};
  const auto handle = seal.seal(sample);
  EXPECT_EQ(handle.size(), handle_seal::handle_size);
  EXPECT_LE(handle.size(), 64U);  // RFC 1813 §2.4: NFS3_FHSIZE
  EXPECT_EQ(seal.open(handle), sample);
}

TEST(Handles, AreRefusedWhenAnyBitIsChanged) {
  const handle_seal seal{nfsd::sip_key{}};
  const auto handle = seal.seal(sample);
  for (std::size_t bit = 0; bit < handle.size() * 8; ++bit) {
    auto forged = handle;
    forged[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    EXPECT_FALSE(seal.open(forged)) << "bit " << bit;
  }
}

TEST(Handles, AreRefusedWhenCutOrLengthened) {
  const handle_seal seal{nfsd::sip_key{}};
  auto handle = seal.seal(sample);
  for (std::size_t size = 0; size < handle.size(); ++size)
    EXPECT_FALSE(seal.open(std::span{handle}.first(size))) << size;
  handle.push_back({});
  EXPECT_FALSE(seal.open(handle));
}

TEST(Handles, OfAnotherServerAreRefused) {
  const handle_seal seal{nfsd::sip_key{std::byte{1}}};
  const handle_seal other{nfsd::sip_key{std::byte{2}}};
  EXPECT_FALSE(other.open(seal.seal(sample)));
}

TEST(Handles, SurviveARestartThroughTheStateDirectory) {
  const temporary_tree state;
  const auto before = handle_seal::load(state / "made/on/demand");
  const auto after = handle_seal::load(state / "made/on/demand");
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->open(before->seal(sample)), sample);
  EXPECT_EQ(after->export_id("/srv"), before->export_id("/srv"));
  struct ::stat key{};
  ASSERT_EQ(::stat((state / "made/on/demand/handle-key").c_str(), &key), 0);
  EXPECT_EQ(key.st_mode & 0777U, 0600U);
}

TEST(Handles, AreNotMadeUnderADamagedKey) {
  const temporary_tree state;
  state.write("handle-key", "short");
  EXPECT_FALSE(handle_seal::load(state.path()));
}

}  // namespace
