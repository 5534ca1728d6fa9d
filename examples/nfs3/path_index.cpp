#include "path_index.hpp"

#include <utility>
#include <vector>

namespace nfsd {
namespace {

// Deeper than any real tree: entries remembered at different times may form a circle.
constexpr std::size_t max_depth = 4096;

}  // namespace

void path_index::remember(std::uint64_t inode, std::uint64_t parent, std::string_view name) {
  if (inode == root_) return;
  const std::scoped_lock lock{mutex_};
  if (young_.size() >= capacity_) {
    old_ = std::move(young_);
    young_.clear();
  }
  entry& known = young_[inode];
  known.parent = parent;
  known.name = name;
}

void path_index::forget(std::uint64_t inode, std::uint64_t parent, std::string_view name) {
  const std::scoped_lock lock{mutex_};
  for (generation* entries : {&young_, &old_}) {
    const auto found = entries->find(inode);
    if (found != entries->end() && found->second.parent == parent && found->second.name == name)
      entries->erase(found);
  }
}

const path_index::entry* path_index::find(std::uint64_t inode) const {
  for (const generation* entries : {&young_, &old_})
    if (const auto found = entries->find(inode); found != entries->end()) return &found->second;
  return nullptr;
}

std::optional<std::string> path_index::path_of(std::uint64_t inode) const {
  const std::scoped_lock lock{mutex_};
  std::vector<std::string_view> names;
  while (inode != root_) {
    const entry* known = find(inode);
    if (known == nullptr || names.size() == max_depth) return std::nullopt;
    names.push_back(known->name);
    inode = known->parent;
  }
  std::string path;
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (!path.empty()) path += '/';
    path += *name;
  }
  return path;
}

std::optional<std::uint64_t> path_index::parent_of(std::uint64_t inode) const {
  if (inode == root_) return root_;
  const std::scoped_lock lock{mutex_};
  const entry* known = find(inode);
  if (known == nullptr) return std::nullopt;
  return known->parent;
}

}  // namespace nfsd
