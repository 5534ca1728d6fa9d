// What survives a restart: one file in a directory of the daemon's own.
//
// rpcbind once kept its state where others could write (CVE-2010-2061, CVE-2010-2064): here the
// directory must belong to this user or root and be nobody else's to write, no link is followed,
// and a file that is not whole counts as none.
#pragma once

#include <sys/types.h>

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "privileges.hpp"

namespace tryst::rpcbind {

class state_directory {
public:
  /// Opens the directory, or makes it, for `owner` if there is one. Throws std::runtime_error or
  /// std::system_error when it is not one to be trusted.
  state_directory(const std::filesystem::path& path, const std::optional<user>& owner);
  ~state_directory();
  state_directory(const state_directory&) = delete;
  state_directory& operator=(const state_directory&) = delete;

  /// The text that was written last; empty if there is none.
  std::expected<std::string, std::error_code> read() const;
  /// Replaces it as a whole.
  std::error_code write(std::string_view text) const;

private:
  int directory_ = -1;
};

/// Writes all of `text` to a descriptor.
std::error_code write_all(int descriptor, std::string_view text);

}  // namespace tryst::rpcbind
