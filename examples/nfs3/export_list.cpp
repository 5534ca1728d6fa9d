#include "export_list.hpp"

#include <algorithm>
#include <cerrno>
#include <ranges>
#include <utility>

namespace nfsd {
namespace {

// RFC 1813 §5.1.4, MNTPATHLEN: a longer path cannot be told to a client.
constexpr std::size_t max_path = 1024;

// What follows `parent` in `path`, when `path` is it or lies in it.
std::optional<std::string_view> below(std::string_view path, std::string_view parent) {
  if (parent == "/") parent = "";
  if (!path.starts_with(parent)) return std::nullopt;
  path.remove_prefix(parent.size());
  if (!path.empty() && path.front() != '/') return std::nullopt;
  return path;
}

}  // namespace

result<void> export_list::add(const std::filesystem::path& directory) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::canonical(directory, error);
  if (error) return std::unexpected{error};
  if (path.native().size() > max_path) return failure(ENAMETOOLONG);
  auto files = file_system::open(path);
  if (!files) return std::unexpected{files.error()};
  const std::uint32_t id = seal_.export_id(path.native());
  if (std::ranges::find(exports_, id, &exported_directory::id) != exports_.end())
    return failure(EEXIST);
  exports_.push_back({path.native(), id, std::move(*files)});
  return {};
}

result<exported_file> export_list::find(std::span<const std::byte> handle) {
  const auto content = seal_.open(handle);
  if (!content) return failure(EBADF);
  const auto where = std::ranges::find(exports_, content->export_id, &exported_directory::id);
  if (where == exports_.end()) return failure(ESTALE);
  auto file = where->files->find(content->file);
  if (!file) return std::unexpected{file.error()};
  return exported_file{&*where, std::move(*file)};
}

result<exported_file> export_list::find(std::string_view path, const caller& who) {
  exported_directory* where = nullptr;
  std::string_view rest;
  for (exported_directory& candidate : exports_) {
    const auto inside = below(path, candidate.path);
    // One export may lie in another: the innermost is meant.
    if (inside && (where == nullptr || candidate.path.size() > where->path.size())) {
      where = &candidate;
      rest = *inside;
    }
  }
  if (where == nullptr) return failure(ENOENT);
  auto directory = where->files->root();
  for (const auto part : std::views::split(rest, '/')) {
    const std::string_view name{part.begin(), part.end()};
    if (name.empty()) continue;
    if (!directory) break;
    directory = where->files->lookup(*directory, name, who);
  }
  if (!directory) return std::unexpected{directory.error()};
  if (!directory->is_directory()) return failure(ENOTDIR);
  return exported_file{where, std::move(*directory)};
}

std::vector<std::byte> export_list::handle_of(const exported_directory& where,
                                              const file_identity& file) const {
  return seal_.seal({where.id, file});
}

}  // namespace nfsd
