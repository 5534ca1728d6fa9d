// Where the files of an export are: for each inode number a directory entry that leads to it. Only
// a hint, since anybody may rename files behind the server's back: whoever follows a path compares
// the file at its end with the one that was meant, and looks for the file again when it differs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace nfsd {

/// Any thread may call. Holds at most about two times `capacity` entries: the older half is
/// forgotten when the younger one is full, and found again by a walk when it is needed.
class path_index {
public:
  explicit path_index(std::uint64_t root_inode, std::size_t capacity = 1'000'000)
      : root_{root_inode}, capacity_{capacity} {}

  /// The directory `parent` has an entry `name` for `inode`.
  void remember(std::uint64_t inode, std::uint64_t parent, std::string_view name);
  /// It has no longer. Another entry that was remembered since stays.
  void forget(std::uint64_t inode, std::uint64_t parent, std::string_view name);

  /// The path from the root, without a slash in front; empty for the root itself. Nothing when some
  /// part of it is not known.
  std::optional<std::string> path_of(std::uint64_t inode) const;
  /// The directory that holds the entry; the root is its own parent.
  std::optional<std::uint64_t> parent_of(std::uint64_t inode) const;

private:
  struct entry {
    std::uint64_t parent;
    std::string name;
  };
  using generation = std::unordered_map<std::uint64_t, entry>;

  const entry* find(std::uint64_t inode) const;

  const std::uint64_t root_;
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  generation young_;
  generation old_;
};

}  // namespace nfsd
