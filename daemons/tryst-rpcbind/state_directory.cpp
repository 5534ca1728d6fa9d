#include "state_directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace tryst::rpcbind {
namespace {

constexpr const char* file = "entries";
constexpr const char* unfinished = "entries.new";
constexpr std::size_t most_bytes = 4U << 20;

std::error_code last_error() { return {errno, std::generic_category()}; }

class descriptor {
public:
  explicit descriptor(int number) : number_{number} {}
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  int number() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }

private:
  int number_;
};

}  // namespace

std::error_code write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(descriptor, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return last_error();
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

state_directory::state_directory(const std::filesystem::path& path,
                                 const std::optional<user>& owner) {
  const auto fail = [&](const char* what) {
    throw std::system_error{errno, std::generic_category(), what + path.string()};
  };
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot make ");
  directory_ = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (directory_ < 0) fail("cannot open ");
  if (owner && ::geteuid() == 0 && ::fchown(directory_, owner->uid, owner->gid) != 0) {
    fail("cannot give away ");
  }
  struct stat status{};
  if (::fstat(directory_, &status) != 0) fail("cannot look at ");
  const uid_t self = owner ? owner->uid : ::geteuid();
  if ((status.st_uid != self && status.st_uid != 0) || (status.st_mode & 022) != 0) {
    ::close(directory_);
    throw std::runtime_error{path.string() + ": others than this user can write there"};
  }
}

state_directory::~state_directory() { ::close(directory_); }

std::expected<std::string, std::error_code> state_directory::read() const {
  const descriptor in{::openat(directory_, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)};
  if (!in) {
    if (errno == ENOENT) return std::string{};
    return std::unexpected{last_error()};
  }
  struct stat status{};
  if (::fstat(in.number(), &status) != 0) return std::unexpected{last_error()};
  if (!S_ISREG(status.st_mode) || status.st_size > static_cast<off_t>(most_bytes)) {
    return std::unexpected{std::make_error_code(std::errc::invalid_argument)};
  }
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t n = ::read(in.number(), text.data() + have, text.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected{last_error()};
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  text.resize(have);
  return text;
}

std::error_code state_directory::write(std::string_view text) const {
  {
    const descriptor out{::openat(directory_, unfinished,
                                  O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!out) return last_error();
    if (const auto failed = write_all(out.number(), text)) return failed;
  }
  if (::renameat(directory_, unfinished, directory_, file) != 0) return last_error();
  return {};
}

}  // namespace tryst::rpcbind
