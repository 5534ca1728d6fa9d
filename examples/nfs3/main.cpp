// nfs3_server: serves directories over NFS version 3 and MOUNT (RFC 1813).
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <string>
#include <tryst/epoll_loop.hpp>
#include <tryst/rpc/server.hpp>
#include <utility>
#include <vector>

#include "mount3_service.hpp"
#include "nfs3_service.hpp"

namespace {

namespace rpc = tryst::rpc;

struct settings {
  std::vector<std::filesystem::path> exports;
  bool read_write = false;
  bool no_root_squash = false;
  std::uint32_t anonymous = 65534;
  std::string listen = "127.0.0.1";
  std::uint16_t nfs_port = 2049;
  std::optional<std::uint16_t> mount_port;
  std::filesystem::path state;
  std::uint32_t threads = 8;
};

// Where programs of this user keep what must survive a restart (XDG base directories).
std::filesystem::path default_state() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
    return std::filesystem::path{state} / "nfs3_server";
  if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
    return std::filesystem::path{home} / ".local/state/nfs3_server";
  return "/var/lib/nfs3_server";
}

void declare(CLI::App& app, settings& chosen) {
  app.add_option("--export", chosen.exports, "Directory to serve; may be given several times")
      ->required()
      ->check(CLI::ExistingDirectory);
  app.add_flag("--read-write", chosen.read_write, "Let clients change files");
  app.add_flag("--no-root-squash", chosen.no_root_squash,
               "Believe clients that claim to be root; otherwise uid and gid 0 become anonymous");
  app.add_option("--anonymous", chosen.anonymous,
                 "Uid and gid of squashed callers and of those without a credential")
      ->capture_default_str();
  app.add_option("--listen", chosen.listen, "Numeric address to listen at")->capture_default_str();
  app.add_option("--nfs-port", chosen.nfs_port, "TCP port of NFS; 0: any free one")
      ->capture_default_str();
  app.add_option("--mount-port", chosen.mount_port, "TCP port of MOUNT; default: that of NFS");
  app.add_option("--state", chosen.state,
                 "Directory of the key that keeps file handles valid across restarts")
      ->capture_default_str();
  app.add_option("--threads", chosen.threads, "How many NFS calls may wait for the disk at a time")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.footer(
      "A client names ports in its URL or its mount options:\n"
      "  nfs-ls -R 'nfs://127.0.0.1/srv/data?nfsport=2049&mountport=2049'\n"
      "  mount -t nfs -o vers=3,tcp,nolock,port=2049,mountport=2049 127.0.0.1:/srv/data /mnt\n"
      "\n"
      "AUTH_SYS credentials are claims: serve to networks that you trust. Run by root, the server\n"
      "acts in each caller's name; run by an ordinary user, it has that user's rights, and new "
      "files\n"
      "belong to that user. SIGTERM ends it when the calls in progress are answered.");
}

std::string address(const std::string& host, std::uint16_t port) {
  const bool is_ipv6 = host.find(':') != host.npos;
  return "tcp://" + (is_ipv6 ? '[' + host + ']' : host) + ':' + std::to_string(port);
}

// SIGTERM and SIGINT as an event of the loop. Made before any thread, for threads inherit the mask.
class termination final : public tryst::watch {
public:
  termination(tryst::loop& loop, std::function<void()> then) : loop_{loop}, then_{std::move(then)} {
    ::sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    signals_ = nfsd::descriptor{::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK)};
    if (!signals_) throw std::system_error{errno, std::generic_category(), "signalfd"};
    if (const auto why = loop_.add(signals_.number(), *this, true, false)) {
      throw std::system_error{why, "epoll_ctl"};
    }
  }

  void ready(tryst::readiness) noexcept override {
    loop_.forget(signals_.number(), *this);
    then_();
  }

private:
  tryst::loop& loop_;
  std::function<void()> then_;
  nfsd::descriptor signals_;
};

void report(const rpc::call_info& call, const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    std::cerr << "nfs3_server: procedure " << call.procedure << ": " << e.what() << '\n';
  }
}

int serve(const settings& chosen) {
  // The modes of new files are the clients' to choose.
  ::umask(0);
  const auto seal = nfsd::handle_seal::load(chosen.state);
  if (!seal) {
    std::cerr << "nfs3_server: " << chosen.state << ": " << seal.error().message() << '\n';
    return 1;
  }
  nfsd::export_list exports{
      *seal, {chosen.read_write, {!chosen.no_root_squash, chosen.anonymous, chosen.anonymous}}};
  for (const auto& directory : chosen.exports) {
    if (const auto added = exports.add(directory); !added) {
      std::cerr << "nfs3_server: " << directory << ": " << added.error().message()
                << (added.error().value() == ENOSYS ? " (openat2 needs Linux 5.6)\n" : "\n");
      return 1;
    }
  }
  nfsd::write_verifier verifier;
  nfsd::mount_table mounts;

  tryst::epoll_loop loop;
  rpc::server server{loop};
  termination on_signal{
      loop, [&] { server.drain(std::chrono::seconds{10}, [&](std::uint64_t) { loop.stop(); }); }};
  // Disks block, so calls run on threads of their own.
  server.serve<nfs3::NFS_V3>(nfsd::nfs3_service{exports, verifier},
                             {.policy = rpc::pool(chosen.threads),
                              .auth = {.none = true, .sys = true},
                              // A REMOVE that a client repeats after it connected anew ran already.
                              .cache_stream_replies = true,
                              .on_error = report});
  server.serve<mount3::MOUNT_V3>(
      nfsd::mount3_service{exports, mounts},
      {.policy = rpc::pool(1), .auth = {.none = true, .sys = true}, .on_error = report});

  const std::uint16_t nfs_port = server.listen(address(chosen.listen, chosen.nfs_port)).port;
  std::uint16_t mount_port = nfs_port;
  // The same number twice is one port for both programs; 0 twice is two free ones.
  if (chosen.mount_port && (*chosen.mount_port == 0 || *chosen.mount_port != nfs_port))
    mount_port = server.listen(address(chosen.listen, *chosen.mount_port)).port;

  for (const auto& exported : exports.all())
    std::cout << "export " << exported.path
              << (chosen.read_write ? " read-write\n" : " read-only\n");
  std::cout << "nfs port " << nfs_port << "\nmount port " << mount_port << std::endl;
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  settings chosen;
  chosen.state = default_state();
  CLI::App app{"Serves directories over NFS version 3 (RFC 1813)."};
  declare(app, chosen);
  CLI11_PARSE(app, argc, argv);
  try {
    return serve(chosen);
  } catch (const std::exception& e) {
    std::cerr << "nfs3_server: " << e.what() << '\n';
    return 1;
  }
}
