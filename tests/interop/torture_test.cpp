// Every kind of XDR type, both ways: ours against C made by rpcgen.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/client.hpp>
#include <tryst/rpc/server.hpp>

#include "interop/torture_service.hpp"
#include "support/peer_process.hpp"
#include "support/random_value.hpp"
#include "support/tshark.hpp"

namespace tryst::interop {
namespace {

using testing::random_source;
using bytes = std::vector<std::byte>;

constexpr int rounds = 20;

/// A procedure's argument, random.
template <class P>
typename P::arguments random_arguments(random_source& source) {
  typename P::arguments made;
  if constexpr (std::tuple_size_v<typename P::arguments> == 1) {
    source.start();
    testing::randomise<rpc::detail::description_at_t<typename P::argument_descriptions, 0>>(
        std::get<0>(made), source);
  }
  return made;
}

/// The bytes of what P takes, which is what it returns: compared as such, for a NaN differs from
/// itself.
template <class P>
bytes to_bytes(const typename P::arguments& arguments) {
  xdr::byte_buffer out;
  xdr::writer w{out};
  rpc::detail::encode_tuple<typename P::argument_descriptions>(w, arguments);
  EXPECT_TRUE(w.ok()) << P::name;
  return {out.data(), out.data() + out.size()};
}

template <class... P, class Visit>
void for_each(rpc::procedure_list<P...>, Visit visit) {
  (visit.template operator()<P>(), ...);
}

/// Calls every procedure with values that come back the same.
void call_all(rpc::client& client) {
  random_source source{1};
  for_each(torture::TORTURE_V1::procedures{}, [&]<class P>() {
    for (int i = 0; i < rounds; ++i) {
      const auto arguments = random_arguments<P>(source);
      auto outcome = client.call<P>(typename P::arguments{arguments}, rpc::as_result).get();
      ASSERT_TRUE(outcome.has_value()) << P::name << ": " << outcome.error().text();
      if constexpr (!std::is_void_v<typename P::result>) {
        ASSERT_EQ(to_bytes<P>({std::move(*outcome)}), to_bytes<P>(arguments)) << P::name;
      }
    }
  });
}

/// A file of samples as peer_client reads it: number, length, bytes. Returns how many there are.
int write_samples(const std::string& path) {
  std::ofstream file{path, std::ios::binary};
  random_source source{2};
  int count = 0;
  for_each(torture::TORTURE_V1::procedures{}, [&]<class P>() {
    for (int i = 0; i < rounds; ++i, ++count) {
      const bytes sample = to_bytes<P>(random_arguments<P>(source));
      bytes head(8);
      xdr::store_big(head.data(), P::number);
      xdr::store_big(head.data() + 4, static_cast<std::uint32_t>(sample.size()));
      for (const bytes& part : {head, sample}) {
        file.write(reinterpret_cast<const char*>(part.data()),
                   static_cast<std::streamsize>(part.size()));
      }
    }
  });
  return count;
}

/// Nothing is malformed, and there is a reply to each of `calls` calls.
void expect_calls(const test::decoded_traffic& traffic, int calls) {
  EXPECT_EQ(traffic.complaints, "");
  EXPECT_EQ(std::ranges::count(traffic.messages, false, &test::decoded_message::is_reply), calls);
  EXPECT_EQ(std::ranges::count(traffic.messages, true, &test::decoded_message::is_reply), calls);
}

TEST(EveryKind, OfTypeIsTakenAndReturnedByACServer) {
  const test::scratch_directory directory;
  const std::string socket = "unix:" + directory / "socket";
  test::peer_process over_tcp{{PEER_SERVER, "tcp"}};
  test::peer_process over_unix{{PEER_SERVER, socket}};
  const std::string port = over_tcp.wait_for("READY ");
  over_unix.wait_for("READY ");
  const auto number = static_cast<std::uint16_t>(std::stoi(port));
  test::packet_capture capture{number, directory / "traffic"};
  loop_thread loop;
  for (const std::string& where : {"tcp://127.0.0.1:" + port, socket}) {
    rpc::client client{loop, where};
    call_all(client);
  }
  capture.finish();
  expect_calls(test::decode(directory / "traffic", number),
               rounds * static_cast<int>(torture::TORTURE_V1::procedures::size));
}

TEST(EveryKind, OfTypeOfACClientIsTakenAndReturnedByOurServer) {
  const test::scratch_directory directory;
  const int count = write_samples(directory / "samples");
  loop_thread loop;
  rpc::server server{loop};
  server.serve<torture::TORTURE_V1>(torture_service{});
  const std::string socket = directory / "socket";
  server.listen("unix:" + socket);
  const rpc::address tcp = server.listen("tcp://127.0.0.1:0");
  test::packet_capture capture{tcp.port, directory / "traffic"};
  for (const std::string& where : {"tcp:" + std::to_string(tcp.port), "unix:" + socket}) {
    EXPECT_EQ(test::output_of(
                  {PEER_CLIENT, where, "use 20000102 1", "torture " + (directory / "samples")}),
              "torture " + std::to_string(count) + " calls\n");
  }
  capture.finish();
  expect_calls(test::decode(directory / "traffic", tcp.port), count);
}

}  // namespace
}  // namespace tryst::interop
