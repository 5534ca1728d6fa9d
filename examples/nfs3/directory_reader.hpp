// Reads a directory from any of its cookies on.
#pragma once

#include <dirent.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "descriptor.hpp"
#include "result.hpp"

namespace nfsd {

/// One entry. The name is valid until the next one is read.
struct directory_entry {
  std::uint64_t inode = 0;
  std::string_view name;
  std::uint64_t cookie = 0;  ///< where reading continues after this entry; never 0
  bool may_be_directory = false;
};

/// A directory while it is read. "." and ".." are among its entries.
class directory_reader {
public:
  /// `directory` was opened for reading. A cookie is one that an earlier reader gave, perhaps
  /// before a restart; 0 is the start.
  static result<directory_reader> open(descriptor directory, std::uint64_t cookie = 0);

  /// Nothing at the end of the directory.
  result<std::optional<directory_entry>> next();

private:
  struct closer {
    void operator()(DIR* stream) const { ::closedir(stream); }
  };
  using stream = std::unique_ptr<DIR, closer>;

  explicit directory_reader(stream opened) : stream_{std::move(opened)} {}

  stream stream_;
};

}  // namespace nfsd
