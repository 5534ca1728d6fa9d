#include "handles.hpp"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <string>

#include "descriptor.hpp"

namespace nfsd {
namespace {

// The layout, big-endian: revision, export, inode, birth, seal over all that is before it.
constexpr std::uint32_t layout_revision = 0x6e667301;

template <class Word>
void append(std::vector<std::byte>& bytes, Word word) {
  for (int shift = (sizeof(Word) - 1) * 8; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::byte>(word >> shift & 0xff));
}

template <class Word>
Word take(std::span<const std::byte>& bytes) {
  Word word = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i) word = word << 8 | std::to_integer<Word>(bytes[i]);
  bytes = bytes.subspan(sizeof(Word));
  return word;
}

std::unexpected<std::error_code> last_error() {
  return std::unexpected{std::error_code{errno, std::generic_category()}};
}

// Under a name of its own first and renamed afterwards, so that no half-written key is ever found.
std::expected<void, std::error_code> store_key(const std::filesystem::path& file,
                                               const sip_key& key) {
  std::string draft = file.string() + ".XXXXXX";
  const descriptor out{::mkostemp(draft.data(), O_CLOEXEC)};  // mode 0600
  if (!out) return last_error();
  if (::write(out.number(), key.data(), key.size()) != static_cast<ssize_t>(key.size()) ||
      ::fsync(out.number()) != 0 || ::rename(draft.c_str(), file.c_str()) != 0) {
    const auto error = last_error();
    ::unlink(draft.c_str());
    return error;
  }
  return {};
}

}  // namespace

std::expected<handle_seal, std::error_code> handle_seal::load(
    const std::filesystem::path& state_directory) {
  std::error_code error;
  std::filesystem::create_directories(state_directory, error);
  if (error) return std::unexpected{error};

  const std::filesystem::path file = state_directory / "handle-key";
  sip_key key;
  const descriptor in{::open(file.c_str(), O_RDONLY | O_CLOEXEC)};
  if (in) {
    const ssize_t size = ::read(in.number(), key.data(), key.size());
    if (size < 0) return last_error();
    if (size != static_cast<ssize_t>(key.size()))
      return std::unexpected{std::make_error_code(std::errc::illegal_byte_sequence)};
    return handle_seal{key};
  }
  if (errno != ENOENT) return last_error();
  if (::getrandom(key.data(), key.size(), 0) != static_cast<ssize_t>(key.size()))
    return last_error();
  if (auto stored = store_key(file, key); !stored) return std::unexpected{stored.error()};
  return handle_seal{key};
}

std::vector<std::byte> handle_seal::seal(const handle_content& content) const {
  std::vector<std::byte> bytes;
  bytes.reserve(handle_size);
  append(bytes, layout_revision);
  append(bytes, content.export_id);
  append(bytes, content.file.inode);
  append(bytes, content.file.birth);
  append(bytes, sip_hash(key_, bytes));
  return bytes;
}

std::optional<handle_content> handle_seal::open(std::span<const std::byte> handle) const {
  if (handle.size() != handle_size) return std::nullopt;
  const std::uint64_t seal = sip_hash(key_, handle.first(handle_size - 8));
  if (take<std::uint32_t>(handle) != layout_revision) return std::nullopt;
  handle_content content;
  content.export_id = take<std::uint32_t>(handle);
  content.file.inode = take<std::uint64_t>(handle);
  content.file.birth = take<std::uint64_t>(handle);
  if (take<std::uint64_t>(handle) != seal) return std::nullopt;
  return content;
}

std::uint32_t handle_seal::export_id(std::string_view path) const {
  return static_cast<std::uint32_t>(sip_hash(key_, std::as_bytes(std::span{path})));
}

}  // namespace nfsd
