#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <tryst/idl/source.hpp>

namespace tryst::idl {

std::optional<std::string> load_from_disk(const std::string& path) {
  constexpr std::uintmax_t most = 64U << 20U;
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error) || error) return std::nullopt;
  if (std::filesystem::file_size(path, error) > most || error) return std::nullopt;
  std::ifstream in{path, std::ios::binary};
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{in}, {}};
}

std::uint32_t sources::add(std::string name, std::string text) {
  auto added = std::make_unique<source_text>();
  added->name = std::move(name);
  added->text = std::move(text);
  added->line_starts.push_back(0);
  for (std::size_t i = 0; i < added->text.size(); ++i) {
    if (added->text[i] == '\n') added->line_starts.push_back(static_cast<std::uint32_t>(i + 1));
  }
  files_.push_back(std::move(added));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

std::size_t sources::line_index(location place) const {
  const auto& starts = files_[place.file]->line_starts;
  const auto after = std::ranges::upper_bound(starts, place.offset);
  return static_cast<std::size_t>(after - starts.begin()) - 1;
}

void sources::remap(location where, std::uint32_t line, std::string name) {
  const auto next = static_cast<std::uint32_t>(line_index(where)) + 1;
  files_[where.file]->markers.push_back({next, line, std::move(name)});
}

position sources::where(location place) const {
  const auto& in = *files_[place.file];
  const std::size_t index = line_index(place);
  position found{in.name, static_cast<std::uint32_t>(index) + 1,
                 place.offset - in.line_starts[index] + 1};
  for (const auto& mark : in.markers) {
    if (mark.first_line > index) break;
    found.line = mark.line + static_cast<std::uint32_t>(index) - mark.first_line;
    if (!mark.name.empty()) found.file = mark.name;
  }
  return found;
}

std::string_view sources::line_at(location place) const {
  const std::string_view text = files_[place.file]->text;
  const std::size_t begin = files_[place.file]->line_starts[line_index(place)];
  std::size_t end = text.find('\n', begin);
  if (end == text.npos) end = text.size();
  if (end > begin && text[end - 1] == '\r') --end;
  return text.substr(begin, end - begin);
}

}  // namespace tryst::idl
