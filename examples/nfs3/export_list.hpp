// The directories that are served, and the way from a handle to a file in one of them.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "access.hpp"
#include "file_system.hpp"
#include "handles.hpp"
#include "result.hpp"

namespace nfsd {

/// One served directory.
struct exported_directory {
  std::string path;  ///< absolute, without symbolic links, dots or a slash at its end
  std::uint32_t id = 0;
  std::unique_ptr<file_system> files;
};

/// A file of one of the exports.
struct exported_file {
  exported_directory* where = nullptr;
  node file;

  file_system& files() const { return *where->files; }
};

/// What holds for all exports.
struct export_rules {
  bool read_write = false;
  identity_rules identities;
};

/// Filled before the first call; any thread may ask it then.
class export_list {
public:
  export_list(const handle_seal& seal, const export_rules& rules) : seal_{seal}, rules_{rules} {}

  result<void> add(const std::filesystem::path& directory);

  const export_rules& rules() const { return rules_; }
  std::span<const exported_directory> all() const { return exports_; }

  /// EBADF for bytes that are no handle of this server, ESTALE for a file or an export that exists
  /// no longer.
  result<exported_file> find(std::span<const std::byte> handle);
  /// A directory by its path, the way a client mounts it: an export, or a directory in one. What
  /// lies between the two must let `who` pass.
  result<exported_file> find(std::string_view path, const caller& who);

  std::vector<std::byte> handle_of(const exported_directory& where,
                                   const file_identity& file) const;

private:
  handle_seal seal_;
  export_rules rules_;
  std::vector<exported_directory> exports_;
};

}  // namespace nfsd
