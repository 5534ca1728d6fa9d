// Folders are the architecture: includes point one way only, and docs/architecture.md has the
// table.
#include <gtest/gtest.h>
#include <algorithm>
#include <set>

#include "source_tree.hpp"

namespace tryst::layers {
namespace {

using words = std::vector<std::string_view>;

/// What the files below `place` may include. A place is a folder or a file of include/tryst/ and
/// src/ alike; an entry is a prefix of what stands between the brackets, or a group: `std` (the
/// standard library) or `system` (POSIX, Linux and the processor's intrinsics).
struct rule {
  std::string_view place;
  words allowed;
};

const words base{"std", "tryst/error.hpp", "tryst/task.hpp", "tryst/loop.hpp"};

words with(words more, const words& rest = base) {
  more.insert(more.end(), rest.begin(), rest.end());
  return more;
}

// The first rule whose place is a prefix of the file decides.
const std::vector<rule>& rules() {
  static const std::vector<rule> table{
      {"error.hpp", {"std"}},
      {"error/", {"std", "tryst/error.hpp"}},
      {"task.hpp", base},
      {"task/", with({"system"})},
      {"all.hpp", base},
      {"async.hpp", with({"tryst/all.hpp", "asio/"})},
      {"loop.hpp", base},
      {"epoll_loop.hpp", base},
      {"asio_loop.hpp", with({"tryst/epoll_loop.hpp", "asio/"})},
      {"loop/", with({"system", "asio/", "tryst/epoll_loop.hpp", "tryst/asio_loop.hpp",
                      "tryst/loop/", "tryst/testing/manual_loop.hpp"})},
      {"xdr/", {"std", "system", "tryst/error.hpp", "tryst/xdr/"}},
      {"json/", {"std", "tryst/error.hpp", "tryst/xdr/", "tryst/json/", "nlohmann/"}},
      {"idl/", {"std", "tryst/idl/"}},
      {"auth/", {"std", "system", "tryst/error.hpp", "tryst/xdr/", "tryst/auth/"}},
      {"rpc/program.hpp", {"std", "tryst/xdr/"}},
      // Where a service brings no verifier of its own, AUTH_SYS is taken as the claim that it is.
      {"rpc/dispatcher.cpp", {"std", "tryst/auth/", "tryst/rpc/", "tryst/xdr/"}},
      {"rpc/", with({"system", "asio/", "tryst/xdr/", "tryst/rpc/", "tryst/auth/flavor.hpp",
                     "tryst/auth/identity.hpp", "tryst/auth/none.hpp",
                     "tryst/auth/authenticator.hpp", "tryst/auth/verifier.hpp"})},
      // The two headers that tryst-gen makes of RFC 1833's interfaces stand beside its sources.
      {"binder/", with({"system", "tryst/epoll_loop.hpp", "tryst/xdr/", "tryst/rpc/",
                        "tryst/binder/", "pmap_prot.hpp", "rpcb_prot.hpp"})},
      {"rendezvous/", with({"tryst/loop/parking.hpp", "tryst/rendezvous/"})},
      // Names of operations have addresses as binders write them.
      {"bridge/exchange_core.cpp",
       with({"tryst/binder/universal_address.hpp", "tryst/bridge/", "tryst/rpc/"})},
      {"bridge/", with({"tryst/bridge/", "tryst/rendezvous/", "tryst/rpc/", "tryst/xdr/",
                        "tryst/auth/identity.hpp"})},
      {"testing/", with({"system", "asio/", "tryst/"})},
  };
  return table;
}

/// Private headers that a folder has for the ones above it, and not for users.
const std::set<std::string> lent_headers{"loop/process_barrier.hpp", "loop/worker_threads.hpp"};

/// include/tryst/xdr/reader.hpp and src/xdr/reader.cpp both stand at xdr/.
std::string_view place_of(const source_file& file) {
  std::string_view path = file.path;
  for (const std::string_view top : {"include/tryst/", "src/"}) {
    if (path.starts_with(top)) return path.substr(top.size());
  }
  return {};
}

std::string_view folder_of(std::string_view path) { return path.substr(0, path.rfind('/') + 1); }

std::string_view group_of(std::string_view target) {
  if (target.find_first_of("./") == target.npos) return "std";
  if (target.ends_with(".h") && !target.starts_with("asio/")) return "system";
  return target;
}

bool is_allowed(std::string_view target, const words& allowed) {
  const auto group = group_of(target);
  return std::ranges::any_of(allowed, [&](std::string_view entry) {
    return entry == "std" || entry == "system" ? group == entry : group.starts_with(entry);
  });
}

std::string where(const source_file& file, std::size_t line) {
  return file.path + ":" + std::to_string(line) + ": ";
}

bool exists(const std::string& path) {
  static const std::set<std::string> paths = [] {
    std::set<std::string> all;
    for (const auto& file : all_files()) all.insert(file.path);
    return all;
  }();
  return paths.contains(path);
}

TEST(Layers, IncludeOnlyWhatTheTableAllows) {
  for (const auto& file : all_files()) {
    const auto place = place_of(file);
    if (place.empty() || !file.is_code()) continue;
    const auto found =
        std::ranges::find_if(rules(), [&](const rule& r) { return place.starts_with(r.place); });
    if (found == rules().end()) {
      ADD_FAILURE() << where(file, 1) << "no rule says what this place may include";
      continue;
    }
    for (const auto& include : includes_of(file)) {
      if (include.quoted) continue;
      EXPECT_TRUE(is_allowed(include.target, found->allowed))
          << where(file, include.number) << found->place << " may not include <" << include.target
          << ">";
    }
  }
}

TEST(Layers, ReachPrivateHeadersOnlyInTheirOwnFolder) {
  for (const auto& file : all_files()) {
    const auto place = place_of(file);
    if (place.empty() || !file.is_code()) continue;
    for (const auto& include : includes_of(file)) {
      if (!include.quoted) continue;
      EXPECT_FALSE(file.in("include/"))
          << where(file, include.number) << "a public header includes a private one";
      const bool own =
          folder_of(include.target).empty() || folder_of(include.target) == folder_of(place);
      EXPECT_TRUE(own || lent_headers.contains(include.target))
          << where(file, include.number) << '"' << include.target
          << "\" is private to another folder";
    }
  }
}

TEST(Layers, UsersOfTheLibraryNeedPublicHeadersOnly) {
  for (const auto& file : all_files()) {
    if (!file.is_code()) continue;
    const bool user =
        file.in("compiler/") || file.in("tools/") || file.in("examples/") || file.in("benchmarks/");
    if (!user) continue;
    for (const auto& include : includes_of(file)) {
      EXPECT_FALSE(exists("src/" + include.target) ||
                   include.target.find("../src") != std::string::npos)
          << where(file, include.number) << include.target << " is private to src/";
    }
  }
}

TEST(Layers, TheCompilerNeedsTheLanguageAndNotTheRuntime) {
  for (const auto& file : all_files()) {
    if (!file.in("compiler/") || !file.is_code()) continue;
    for (const auto& include : includes_of(file)) {
      const bool runtime =
          include.target.starts_with("tryst/") && !include.target.starts_with("tryst/idl/");
      EXPECT_FALSE(runtime) << where(file, include.number) << "tryst-gen must not depend on "
                            << include.target;
    }
  }
}

TEST(Layers, GeneratedHeadersNeedNeitherAsioNorTheRuntime) {
  std::size_t seen = 0;
  for (const auto& file : all_files()) {
    if (!file.in("tests/compiler/golden/") || !file.is_header()) continue;
    ++seen;
    for (const auto& include : includes_of(file)) {
      const bool library =
          include.target.starts_with("tryst/") || include.target.starts_with("asio");
      const bool allowed =
          include.target == "tryst/rpc/program.hpp" || include.target.starts_with("tryst/xdr/");
      EXPECT_TRUE(!library || allowed)
          << where(file, include.number) << "a generated header includes " << include.target;
    }
  }
  EXPECT_GT(seen, 0U);
}

TEST(Layers, ATestSeesThePrivateHeadersOfItsOwnFolderOnly) {
  for (const auto& file : all_files()) {
    if (!file.in("tests/") || !file.is_code()) continue;
    const auto rest = std::string_view{file.path}.substr(6);
    const auto folder = rest.substr(0, rest.find('/') + 1);
    if (folder == "fuzz/" || folder == "layers/") continue;
    for (const auto& include : includes_of(file)) {
      if (!exists("src/" + include.target) || exists("tests/" + include.target)) continue;
      EXPECT_TRUE(include.target.starts_with(folder))
          << where(file, include.number) << include.target
          << " is private to another folder of src/";
    }
  }
}

}  // namespace
}  // namespace tryst::layers
