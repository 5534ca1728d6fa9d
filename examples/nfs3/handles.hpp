// File handles: 32 bytes that name a file by what it is (export, inode number, time of birth), so
// that the same file has the same handle after a rename and after a restart of the server. A keyed
// seal keeps a client from making up the handle of a file that it was never shown (RFC 1813 §2.5:
// a handle is opaque to the client). The key is kept in the state directory.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <optional>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include "sip_hash.hpp"

namespace nfsd {

/// Which file, within one export. An inode number is used again after its file is deleted; the time
/// of birth tells the two files apart (0 where the file system does not record it).
struct file_identity {
  std::uint64_t inode = 0;
  std::uint64_t birth = 0;  ///< nanoseconds since 1970

  auto operator<=>(const file_identity&) const = default;
};

/// What a handle says.
struct handle_content {
  std::uint32_t export_id = 0;
  file_identity file;

  auto operator<=>(const handle_content&) const = default;
};

/// Makes and reads handles under one key. Immutable: any thread may use it.
class handle_seal {
public:
  static constexpr std::size_t handle_size = 32;

  explicit handle_seal(const sip_key& key) : key_{key} {}

  /// The seal whose key is in `state_directory`; both are made at the first start, readable by the
  /// server's user only.
  static std::expected<handle_seal, std::error_code> load(
      const std::filesystem::path& state_directory);

  std::vector<std::byte> seal(const handle_content& content) const;
  /// Nothing when the bytes are no handle that was sealed under this key.
  std::optional<handle_content> open(std::span<const std::byte> handle) const;

  /// The number of an export, which depends on its path only: the order on the command line may
  /// change between two starts.
  std::uint32_t export_id(std::string_view path) const;

private:
  sip_key key_;
};

}  // namespace nfsd
