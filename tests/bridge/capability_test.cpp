// Capabilities as they travel: tryst::capability writes what protocols/capability.x says.
#include <gtest/gtest.h>

#include <tryst/bridge/capability.hpp>

#include "capability.hpp"

namespace tryst::bridge_test {
namespace {

const operation_name somewhere{.netid = "tcp",
                               .address = "192.0.2.1.8.1",
                               .program = 0x40000001,
                               .version = 1,
                               .procedure = 1,
                               .object = 0x0123456789abcdef};

::capability::capability as_in_the_x(const operation_name& name) {
  ::capability::capability made;
  made.set_operation(
      {name.netid, name.address, name.program, name.version, name.procedure, name.object});
  return made;
}

template <class T>
std::vector<std::byte> bytes_of(const T& value) {
  const auto bytes = xdr::to_bytes(value).value();
  EXPECT_EQ(bytes.size(), xdr::encoded_size(value));
  return {bytes.begin(), bytes.end()};
}

TEST(RuleC1, ACapabilityIsWrittenAsItsInterfaceSays) {
  ::capability::capability noop;
  noop.set_kind(::capability::CAPABILITY_NOOP);
  EXPECT_EQ(bytes_of(capability{}), bytes_of(::capability::capability{}));
  EXPECT_EQ(bytes_of(capability::noop()), bytes_of(noop));
  EXPECT_EQ(bytes_of(capability{somewhere}), bytes_of(as_in_the_x(somewhere)));
}

TEST(RuleC1, ACapabilityIsReadAsItWasWritten) {
  for (const capability& each : {capability{}, capability::noop(), capability{somewhere}}) {
    EXPECT_EQ(xdr::from_bytes<capability>(bytes_of(each)), each);
  }
}

TEST(RuleC1, BytesThatAreNoCapabilityAreRefused) {
  const auto good = bytes_of(capability{somewhere});
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_EQ(xdr::from_bytes<capability>(std::span{good}.first(size)).error(), errc::truncated);
  }
  auto kind = good;
  kind[3] = std::byte{3};
  EXPECT_EQ(xdr::from_bytes<capability>(kind).error(), errc::union_invalid);
  auto length = good;
  length[7] = std::byte{17};
  EXPECT_EQ(xdr::from_bytes<capability>(length).error(), errc::bound_exceeded);
  operation_name longer = somewhere;
  longer.address.assign(129, 'x');
  EXPECT_EQ(xdr::to_bytes(capability{longer}).error(), errc::bound_exceeded);
}

}  // namespace
}  // namespace tryst::bridge_test
