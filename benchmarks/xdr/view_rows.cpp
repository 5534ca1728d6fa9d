// The rows of views: a message is decoded in place and walked over, by hand and by tryst.
#include <tryst/xdr/codec_view.hpp>

#include "hand_view.hpp"
#include "messages.hpp"

namespace bench {
namespace {

using items_view = tryst::xdr::view_array<table::view::item>;
using blob_view = std::span<const std::byte>;

std::uint64_t sum(const table::view::small& v) { return v.a + v.b + v.c + v.d + v.name.size(); }
std::uint64_t sum(const items_view& v) {
  std::uint64_t total = 0;
  for (const auto& item : v) total += item.id + item.name.size();
  return total;
}
std::uint64_t sum(const table::view::node& v) {
  std::uint64_t total = v.value;
  for (const auto& node : v.next) total += node.value;
  return total;
}
std::uint64_t sum(const blob_view& v) { return v.size(); }

template <class V>
void view_by_hand(benchmark::State& state, std::span<const std::byte> bytes, std::uint64_t right) {
  std::uint64_t total = 0;
  for (auto _ : state) {
    V view{};
    bool good = hand::decode(bytes.data(), bytes.data() + bytes.size(), view);
    total = good ? hand::sum(view) : 0;
    benchmark::DoNotOptimize(total);
    benchmark::ClobberMemory();
  }
  must(state, total == right);
}

template <class V>
void view_by_tryst(benchmark::State& state, std::span<const std::byte> bytes, std::uint64_t right) {
  std::uint64_t total = 0;
  for (auto _ : state) {
    V view{};
    tryst::xdr::reader reader{bytes};
    tryst::xdr::decode(reader, view);
    total = reader.ok() && reader.remaining() == 0 ? sum(view) : 0;
    benchmark::DoNotOptimize(total);
    benchmark::ClobberMemory();
  }
  must(state, total == right);
}

template <class Hand, class Ours>
void measure(const std::string& message, auto make, std::uint64_t right) {
  benchmark::RegisterBenchmark(("view/" + message + "/hand").c_str(), [=](benchmark::State& state) {
    view_by_hand<Hand>(state, bytes_of(make()), right);
  });
  benchmark::RegisterBenchmark(
      ("view/" + message + "/tryst").c_str(),
      [=](benchmark::State& state) { view_by_tryst<Ours>(state, bytes_of(make()), right); });
}

}  // namespace

void measure_views() {
  constexpr std::uint64_t numbers = thousand * (thousand - 1) / 2;
  measure<hand::small_view, table::view::small>("small", [] { return sample<table::small>(); }, 30);
  measure<hand::items_view, items_view>(
      "1000 x {u32, string}", [] { return sample<table::items>(); }, numbers + 21 * thousand);
  measure<hand::list_view, table::view::node>(
      "list of 1000", [] { return sample<table::node>(); }, numbers);
  measure<hand::blob_view, blob_view>(
      "1 MiB opaque", [] { return table::blob(std::size_t{1} << 20, std::byte{7}); },
      std::size_t{1} << 20);
}

}  // namespace bench
