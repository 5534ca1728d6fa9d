// The XDR table: encode and decode of a few kinds of messages, by hand, by tryst and by libtirpc.
// Names are operation/message/codec; summarise.py makes the table of ratios.
#include <cstring>
#include <tryst/xdr/codec.hpp>

#include "hand.hpp"
#include "messages.hpp"
#include "tirpc_codec.hpp"

namespace bench {
namespace {

template <class T>
void encode_by_hand(benchmark::State& state, const T& value) {
  const auto expected = bytes_of(value);
  std::vector<std::byte> out(expected.size());
  for (auto _ : state) {
    std::byte* end = hand::encode(out.data(), out.data() + out.size(), value);
    benchmark::DoNotOptimize(end);
    benchmark::ClobberMemory();
  }
  must(state, std::memcmp(out.data(), expected.data(), out.size()) == 0);
}

template <class T>
void encode_by_tryst(benchmark::State& state, const T& value) {
  const auto expected = bytes_of(value);
  tryst::xdr::byte_buffer out;
  for (auto _ : state) {
    out.clear();
    tryst::xdr::writer writer{out};
    tryst::xdr::encode(writer, value);
    benchmark::DoNotOptimize(writer.ok());
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
  must(state,
       out.size() == expected.size() && std::memcmp(out.data(), expected.data(), out.size()) == 0);
}

template <class T>
void encode_by_tirpc(benchmark::State& state, const T& value) {
  const auto expected = bytes_of(value);
  tirpc_message message{expected};
  std::vector<std::byte> out(expected.size());
  for (auto _ : state) {
    bool good = message.encode<T>(out);
    benchmark::DoNotOptimize(good);
    benchmark::ClobberMemory();
  }
  must(state, std::memcmp(out.data(), expected.data(), out.size()) == 0);
}

/// Into a fresh value each time, whose destruction is part of the price.
template <class T>
void decode_by_hand(benchmark::State& state, const T& value) {
  const auto bytes = bytes_of(value);
  for (auto _ : state) {
    T fresh;
    bool good = hand::decode(bytes.data(), bytes.data() + bytes.size(), fresh);
    benchmark::DoNotOptimize(good);
    benchmark::DoNotOptimize(&fresh);
    benchmark::ClobberMemory();
  }
  T again;
  must(state, hand::decode(bytes.data(), bytes.data() + bytes.size(), again) && again == value);
}

template <class T>
void decode_by_tryst(benchmark::State& state, const T& value) {
  const auto bytes = bytes_of(value);
  for (auto _ : state) {
    T fresh;
    tryst::xdr::reader reader{bytes};
    tryst::xdr::decode(reader, fresh);
    bool good = reader.ok() && reader.remaining() == 0;
    benchmark::DoNotOptimize(good);
    benchmark::DoNotOptimize(&fresh);
    benchmark::ClobberMemory();
  }
  must(state, tryst::xdr::from_bytes<T>(bytes) == value);
}

template <class T>
void decode_by_tirpc(benchmark::State& state, const T& value) {
  const auto bytes = bytes_of(value);
  for (auto _ : state) {
    bool good = tirpc_message::decode_and_free<T>(bytes);
    benchmark::DoNotOptimize(good);
  }
  must(state, tirpc_message::decode_and_free<T>(bytes));
}

/// Into memory that is there already, which is what memcpy is compared with.
template <class T>
void decode_again_by_tryst(benchmark::State& state, const T& value) {
  const auto bytes = bytes_of(value);
  T reused = value;
  for (auto _ : state) {
    tryst::xdr::reader reader{bytes};
    tryst::xdr::decode(reader, reused);
    benchmark::DoNotOptimize(reader.ok());
    benchmark::ClobberMemory();
  }
  must(state, reused == value);
}

/// As many bytes as the message has, moved: the bound of every codec of arrays.
template <class T>
void move_bytes(benchmark::State& state, const T& value) {
  const auto bytes = bytes_of(value);
  std::vector<std::byte> out(bytes.size());
  for (auto _ : state) {
    std::memcpy(out.data(), bytes.data(), bytes.size());
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
  }
}

template <class T>
void measure(const std::string& message, T (*make)()) {
  const auto add = [&](const char* operation, const char* codec, auto body) {
    const std::string name = std::string{operation} + "/" + message + "/" + codec;
    benchmark::RegisterBenchmark(name.c_str(),
                                 [=](benchmark::State& state) { body(state, make()); });
  };
  add("encode", "hand", encode_by_hand<T>);
  add("encode", "tryst", encode_by_tryst<T>);
  add("encode", "libtirpc", encode_by_tirpc<T>);
  add("decode", "hand", decode_by_hand<T>);
  add("decode", "tryst", decode_by_tryst<T>);
  add("decode", "libtirpc", decode_by_tirpc<T>);
}

/// Rows of arrays: against memcpy where memory is the limit, against shuffles where it is not.
template <class T>
void measure_array(const std::string& message, T (*make)()) {
  measure<T>(message, make);
  const auto add = [&](const char* operation, const char* codec, auto body) {
    const std::string name = std::string{operation} + "/" + message + "/" + codec;
    benchmark::RegisterBenchmark(name.c_str(),
                                 [=](benchmark::State& state) { body(state, make()); });
  };
  add("encode", "memcpy", move_bytes<T>);
  add("decode again", "tryst", decode_again_by_tryst<T>);
  add("decode again", "memcpy", move_bytes<T>);
}

}  // namespace

void measure_shuffles();
void measure_views();

}  // namespace bench

int main(int argc, char** argv) {
  using namespace bench;
  measure<table::small>("small", [] { return sample<table::small>(); });
  measure<table::fattr3>("fattr3", [] { return sample<table::fattr3>(); });
  measure_array<table::words>("1e6 u32", [] { return words(million); });
  measure_array<table::doubles>("1e6 double", [] { return doubles(million); });
  measure_array<table::words>("4096 u32", [] { return words(4096); });
  measure_array<table::blob>("1 MiB opaque", [] { return table::blob(1 << 20, std::byte{7}); });
  measure<table::items>("1000 x {u32, string}", [] { return sample<table::items>(); });
  measure<table::node>("list of 1000", [] { return sample<table::node>(); });
  measure_shuffles();
  measure_views();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
