// READDIR and READDIRPLUS (RFC 1813 §3.3.16 and §3.3.17). The client says how many bytes a reply
// may take; entries are added while they fit.
#include <algorithm>
#include <cerrno>
#include <cstring>

#include "nfs3_service.hpp"
#include "replies.hpp"

namespace nfsd {

using namespace nfs3;

namespace {

// No reply is larger, whatever the client allows.
constexpr std::uint32_t max_reply = 256 * 1024;

// Sizes on the wire (RFC 4506): what a reply holds besides entries (attributes, cookie verifier,
// end of list, eof), an entry, and what READDIRPLUS adds to one.
constexpr std::size_t fattr3_size = 84;
constexpr std::size_t reply_size = 4 + fattr3_size + NFS3_COOKIEVERFSIZE + 4 + 4;
constexpr std::size_t handle_size = 4 + 4 + handle_seal::handle_size;

std::size_t padded(std::size_t size) { return (size + 3) / 4 * 4; }
std::size_t information_size(std::string_view name) { return 8 + 4 + padded(name.size()) + 8; }
std::size_t entry_size(std::string_view name) { return 4 + information_size(name); }
std::size_t attributes_size(const post_op_attr& attributes) {
  return 4 + (attributes.attributes_follow() ? fattr3_size : 0);
}

// Cookies are good for as long as the directory exists, so its identity is their verifier.
cookieverf3 verifier_of(const node& directory) {
  const file_identity identity = directory.identity();
  const std::uint64_t value = identity.inode ^ identity.birth;
  cookieverf3 verifier;
  std::memcpy(verifier.data(), &value, sizeof value);
  return verifier;
}

bool is_good_cookie(const node& directory, cookie3 cookie, const cookieverf3& verifier) {
  return cookie == 0 || verifier == verifier_of(directory);
}

template <class Result, class Fail>
Result refused(nfsstat3 status, const exported_file& directory) {
  Result reply;
  reply.set_status(status);
  *reply.resfail() = Fail{attributes_now(directory)};
  return reply;
}

// Above the root of an export there is nothing, so its ".." is itself.
fileid3 fileid_of(const exported_file& directory, const directory_entry& entry) {
  if (entry.name != "..") return entry.inode;
  const auto root = directory.files().root();
  const bool is_root = root && root->identity() == directory.file.identity();
  return is_root ? directory.file.status.stx_ino : entry.inode;
}

}  // namespace

READDIR3res nfs3_service::NFSPROC3_READDIR(const call_info& call, READDIR3args args) {
  const auto directory = exports_.find(args.dir.data);
  if (!directory) return failed<READDIR3res>(directory.error(), READDIR3resfail{no_attributes()});
  if (!is_good_cookie(directory->file, args.cookie, args.cookieverf))
    return refused<READDIR3res, READDIR3resfail>(NFS3ERR_BAD_COOKIE, *directory);
  auto reader = directory->files().read_directory(directory->file, caller_of(call), args.cookie);
  if (!reader)
    return failed<READDIR3res>(reader.error(), READDIR3resfail{attributes_now(*directory)});

  READDIR3resok ok;
  ok.cookieverf = verifier_of(directory->file);
  const std::size_t limit = std::min(args.count, max_reply);
  std::size_t used = reply_size;
  auto* tail = &ok.reply.entries;
  while (true) {
    const auto entry = reader->next();
    if (!entry)
      return failed<READDIR3res>(entry.error(), READDIR3resfail{attributes_now(*directory)});
    ok.reply.eof = !entry->has_value();
    if (ok.reply.eof) break;
    const directory_entry& here = **entry;
    used += entry_size(here.name);
    if (used > limit) break;
    tail->emplace(entry3{fileid_of(*directory, here), std::string{here.name}, here.cookie, {}});
    tail = &(*tail)->nextentry;
  }
  if (!ok.reply.entries && !ok.reply.eof)
    return refused<READDIR3res, READDIR3resfail>(NFS3ERR_TOOSMALL, *directory);
  ok.dir_attributes = attributes_now(*directory);
  return succeeded<READDIR3res>(std::move(ok));
}

READDIRPLUS3res nfs3_service::NFSPROC3_READDIRPLUS(const call_info& call, READDIRPLUS3args args) {
  const auto directory = exports_.find(args.dir.data);
  if (!directory)
    return failed<READDIRPLUS3res>(directory.error(), READDIRPLUS3resfail{no_attributes()});
  if (!is_good_cookie(directory->file, args.cookie, args.cookieverf))
    return refused<READDIRPLUS3res, READDIRPLUS3resfail>(NFS3ERR_BAD_COOKIE, *directory);
  const caller who = caller_of(call);
  file_system& files = directory->files();
  auto reader = files.read_directory(directory->file, who, args.cookie);
  if (!reader)
    return failed<READDIRPLUS3res>(reader.error(), READDIRPLUS3resfail{attributes_now(*directory)});

  READDIRPLUS3resok ok;
  ok.cookieverf = verifier_of(directory->file);
  // Who may list a directory but not search it sees the names only.
  const bool may_look_up = (files.granted(directory->file, who) & may_search) != 0;
  const std::size_t limit = std::min(args.maxcount, max_reply);
  std::size_t used = reply_size;
  std::size_t used_for_information = 0;
  auto* tail = &ok.reply.entries;
  while (true) {
    const auto entry = reader->next();
    if (!entry)
      return failed<READDIRPLUS3res>(entry.error(),
                                     READDIRPLUS3resfail{attributes_now(*directory)});
    ok.reply.eof = !entry->has_value();
    if (ok.reply.eof) break;
    const directory_entry& here = **entry;
    entryplus3 next{
        fileid_of(*directory, here), std::string{here.name}, here.cookie, no_attributes(), {}, {}};
    next.name_handle.set_handle_follows(false);
    used += entry_size(here.name) + attributes_size(next.name_attributes) + 4;
    used_for_information += information_size(here.name);
    if (used > limit || (used_for_information > args.dircount && ok.reply.entries)) break;
    add_attributes(*directory, here, may_look_up, next);
    used += attributes_size(next.name_attributes) - 4;
    if (next.name_handle.handle_follows()) used += handle_size - 4;
    if (used > limit) break;
    tail->emplace(std::move(next));
    tail = &(*tail)->nextentry;
  }
  if (!ok.reply.entries && !ok.reply.eof)
    return refused<READDIRPLUS3res, READDIRPLUS3resfail>(NFS3ERR_TOOSMALL, *directory);
  ok.dir_attributes = attributes_now(*directory);
  return succeeded<READDIRPLUS3res>(std::move(ok));
}

// Attributes and handle are gifts: an entry that vanished meanwhile, or lies on another mount, goes
// without them.
void nfs3_service::add_attributes(const exported_file& directory, const directory_entry& entry,
                                  bool may_look_up, entryplus3& into) const {
  if (!may_look_up) return;
  result<file_status> status = failure(ENOENT);
  if (entry.name == ".") {
    status = directory.file.status;
  } else if (entry.name == "..") {
    const auto parent = directory.files().parent(directory.file);
    if (!parent) return;
    status = parent->status;
  } else {
    status = directory.files().status_of(directory.file, entry);
  }
  if (!status) return;
  into.fileid = status->stx_ino;
  into.name_attributes = to_post_op_attr(directory, *status);
  into.name_handle.set_handle(handle_of(directory, *status));
}

}  // namespace nfsd
