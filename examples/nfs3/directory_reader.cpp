#include "directory_reader.hpp"

#include <cerrno>
#include <utility>

namespace nfsd {

result<directory_reader> directory_reader::open(descriptor directory, std::uint64_t cookie) {
  stream opened{::fdopendir(directory.number())};
  if (!opened) return failure(errno);
  directory.release();
  // Cookies are the positions of the file system itself: they outlive the server, and entries that
  // come or go meanwhile do not move the others.
  if (cookie != 0) ::seekdir(opened.get(), static_cast<long>(cookie));
  return directory_reader{std::move(opened)};
}

result<std::optional<directory_entry>> directory_reader::next() {
  errno = 0;
  const dirent* entry = ::readdir(stream_.get());
  if (entry == nullptr) {
    if (errno != 0) return failure(errno);
    return std::nullopt;
  }
  return directory_entry{entry->d_ino, entry->d_name, static_cast<std::uint64_t>(entry->d_off),
                         entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN};
}

}  // namespace nfsd
