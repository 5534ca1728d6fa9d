// A service over a temporary directory, called as what it is: an ordinary object.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tryst/auth/sys_verifier.hpp>
#include <tryst/rpc/call_info.hpp>
#include <tryst/rpc/transport.hpp>
#include <vector>

#include "export_list.hpp"
#include "mount3_service.hpp"
#include "nfs3_service.hpp"
#include "temporary_tree.hpp"

namespace nfsd_test {

/// An identity as a server gets it: out of the bytes of an AUTH_SYS credential.
inline tryst::auth::identity sys_identity(std::uint32_t uid, std::uint32_t gid,
                                          const std::vector<std::uint32_t>& groups = {}) {
  std::vector<std::uint32_t> words{0, 0, uid, gid, static_cast<std::uint32_t>(groups.size())};
  words.insert(words.end(), groups.begin(), groups.end());
  std::vector<std::byte> body;
  for (const std::uint32_t word : words)
    for (int shift = 24; shift >= 0; shift -= 8)
      body.push_back(static_cast<std::byte>(word >> shift & 0xff));
  tryst::auth::sys_verifier verifier;
  tryst::auth::identity who;
  tryst::auth::evidence call;
  call.credential = {tryst::auth::flavor::sys, body};
  verifier.judge(call, who);
  return who;
}

/// The directory "export" of a temporary tree, served. Files made by way of the service belong to
/// the user who runs the test.
class served_tree {
public:
  /// Neither the user who runs the test nor a stranger.
  static constexpr std::uint32_t anonymous_uid = 54322;

  explicit served_tree(bool read_write = true, bool root_squash = false)
      : rules_{read_write, {root_squash, anonymous_uid, anonymous_uid}} {
    tree_.make_directory("export");
    restart();
  }

  /// Another server over the same directory and the same state.
  void restart() {
    exports_ = std::make_unique<nfsd::export_list>(nfsd::handle_seal::load(tree_ / "state").value(),
                                                   rules_);
    EXPECT_TRUE(exports_->add(tree_ / "export"));
    verifier_ = std::make_unique<nfsd::write_verifier>();
    nfs_ = std::make_unique<nfsd::nfs3_service>(*exports_, *verifier_);
    mount_ = std::make_unique<nfsd::mount3_service>(*exports_, mounts_);
  }

  nfsd::nfs3_service& nfs() { return *nfs_; }
  nfsd::mount3_service& mount() { return *mount_; }
  std::string path() const { return std::filesystem::canonical(tree_ / "export").string(); }
  std::filesystem::path operator/(const std::string& name) const {
    return tree_ / ("export/" + name);
  }
  std::filesystem::path write(const std::string& name, const std::string& text,
                              mode_t mode = 0644) const {
    return tree_.write("export/" + name, text, mode);
  }
  std::filesystem::path make_directory(const std::string& name, mode_t mode = 0755) const {
    return tree_.make_directory("export/" + name, mode);
  }
  std::string read(const std::string& name) const { return tree_.read("export/" + name); }

  /// A call by the user who runs the test, by a stranger, by root, by nobody in particular.
  tryst::rpc::call_info mine() const { return call(sys_identity(::geteuid(), ::getegid())); }
  tryst::rpc::call_info strangers() const { return call(sys_identity(54321, 54321)); }
  tryst::rpc::call_info roots() const { return call(sys_identity(0, 0)); }
  tryst::rpc::call_info anonymous() const { return call({}); }

  /// The handle of the export's root, as a client gets it.
  nfs3::nfs_fh3 root() { return directory(path()); }
  /// The handle of a directory by its whole path.
  nfs3::nfs_fh3 directory(const std::string& path) {
    auto mounted = mount_->MOUNTPROC3_MNT(mine(), path);
    EXPECT_EQ(mounted.fhs_status(), mount3::MNT3_OK) << path;
    return mounted.mountinfo() ? nfs3::nfs_fh3{mounted.mountinfo()->fhandle} : nfs3::nfs_fh3{};
  }
  /// The handle of a file in `where`.
  nfs3::nfs_fh3 handle(const nfs3::nfs_fh3& where, const std::string& name) {
    auto found = nfs_->NFSPROC3_LOOKUP(mine(), {{where, name}});
    EXPECT_EQ(found.status(), nfs3::NFS3_OK) << name;
    return found.resok() ? found.resok()->object : nfs3::nfs_fh3{};
  }
  nfs3::nfs_fh3 handle(const std::string& name) { return handle(root(), name); }
  nfs3::fattr3 attributes(const nfs3::nfs_fh3& file) {
    auto reply = nfs_->NFSPROC3_GETATTR(mine(), {file});
    EXPECT_EQ(reply.status(), nfs3::NFS3_OK);
    return reply.resok() ? reply.resok()->obj_attributes : nfs3::fattr3{};
  }

private:
  tryst::rpc::call_info call(const tryst::auth::identity& who) const {
    tryst::rpc::call_info info;
    info.peer = &peer_;
    info.caller = who;
    return info;
  }

  temporary_tree tree_;
  nfsd::export_rules rules_;
  tryst::rpc::peer_identity peer_{
      .where = {tryst::rpc::address::transport::tcp, "192.0.2.7", 1023, {}}, .credentials = {}};
  std::unique_ptr<nfsd::export_list> exports_;
  std::unique_ptr<nfsd::write_verifier> verifier_;
  nfsd::mount_table mounts_;
  std::unique_ptr<nfsd::nfs3_service> nfs_;
  std::unique_ptr<nfsd::mount3_service> mount_;
};

/// Attributes that change nothing.
inline nfs3::sattr3 unchanged() {
  nfs3::sattr3 attributes;
  attributes.mode.set_set_it(false);
  attributes.uid.set_set_it(false);
  attributes.gid.set_set_it(false);
  attributes.size.set_set_it(false);
  attributes.atime.set_set_it(nfs3::DONT_CHANGE);
  attributes.mtime.set_set_it(nfs3::DONT_CHANGE);
  return attributes;
}
inline nfs3::sattr3 with_mode(std::uint32_t mode) {
  nfs3::sattr3 attributes = unchanged();
  attributes.mode.set_mode(mode);
  return attributes;
}
inline nfs3::sattr3 with_size(std::uint64_t size) {
  nfs3::sattr3 attributes = unchanged();
  attributes.size.set_size(size);
  return attributes;
}
inline nfs3::sattrguard3 unguarded() {
  nfs3::sattrguard3 guard;
  guard.set_check(false);
  return guard;
}
inline nfs3::createhow3 creating(nfs3::createmode3 mode, const nfs3::sattr3& attributes) {
  nfs3::createhow3 how;
  how.set_mode(mode);
  *how.obj_attributes() = attributes;
  return how;
}
inline nfs3::createhow3 creating_exclusively(std::uint8_t verifier) {
  nfs3::createhow3 how;
  how.set_mode(nfs3::EXCLUSIVE);
  how.verf()->fill(static_cast<std::byte>(verifier));
  return how;
}

inline std::vector<std::byte> bytes_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  return {bytes.begin(), bytes.end()};
}
inline std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace nfsd_test
