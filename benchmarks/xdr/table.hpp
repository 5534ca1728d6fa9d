// What tryst-gen makes of table.x, by hand until it can.
#pragma once

#include <string>
#include <tryst/rpc/program.hpp>
#include <tryst/xdr/codec.hpp>
#include <vector>

namespace table {

struct small {
  std::uint32_t a{};
  std::uint32_t b{};
  std::uint32_t c{};
  std::uint32_t d{};
  std::string name{};
  bool operator==(const small&) const = default;
  template <class Self, class Visit>
  [[gnu::always_inline]] static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("a", self.a);
    visit("b", self.b);
    visit("c", self.c);
    visit("d", self.d);
    visit("name", self.name);
  }
};

enum ftype3 : std::int32_t {
  NF3REG = 1,
  NF3DIR = 2,
  NF3BLK = 3,
  NF3CHR = 4,
  NF3LNK = 5,
  NF3SOCK = 6,
  NF3FIFO = 7
};
template <class Visit>
constexpr void xdr_enumerators(tryst::xdr::type<ftype3>, Visit&& visit) {
  visit("NF3REG", NF3REG);
  visit("NF3DIR", NF3DIR);
  visit("NF3BLK", NF3BLK);
  visit("NF3CHR", NF3CHR);
  visit("NF3LNK", NF3LNK);
  visit("NF3SOCK", NF3SOCK);
  visit("NF3FIFO", NF3FIFO);
}

struct specdata3 {
  std::uint32_t specdata1{};
  std::uint32_t specdata2{};
  bool operator==(const specdata3&) const = default;
  template <class Self, class Visit>
  [[gnu::always_inline]] static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("specdata1", self.specdata1);
    visit("specdata2", self.specdata2);
  }
};

struct nfstime3 {
  std::uint32_t seconds{};
  std::uint32_t nseconds{};
  bool operator==(const nfstime3&) const = default;
  template <class Self, class Visit>
  [[gnu::always_inline]] static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("seconds", self.seconds);
    visit("nseconds", self.nseconds);
  }
};

struct fattr3 {
  ftype3 type{};
  std::uint32_t mode{};
  std::uint32_t nlink{};
  std::uint32_t uid{};
  std::uint32_t gid{};
  std::uint64_t size{};
  std::uint64_t used{};
  specdata3 rdev{};
  std::uint64_t fsid{};
  std::uint64_t fileid{};
  nfstime3 atime{};
  nfstime3 mtime{};
  nfstime3 ctime{};
  bool operator==(const fattr3&) const = default;
  template <class Self, class Visit>
  [[gnu::always_inline]] static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("type", self.type);
    visit("mode", self.mode);
    visit("nlink", self.nlink);
    visit("uid", self.uid);
    visit("gid", self.gid);
    visit("size", self.size);
    visit("used", self.used);
    visit("rdev", self.rdev);
    visit("fsid", self.fsid);
    visit("fileid", self.fileid);
    visit("atime", self.atime);
    visit("mtime", self.mtime);
    visit("ctime", self.ctime);
  }
};

struct item {
  std::uint32_t id{};
  std::string name{};
  bool operator==(const item&) const = default;
  template <class Self, class Visit>
  [[gnu::always_inline]] static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("id", self.id);
    visit("name", self.name);
  }
};

struct node {
  std::uint32_t value{};
  tryst::xdr::optional_data<node> next{};
  bool operator==(const node&) const = default;
  template <class Self, class Visit>
  [[gnu::always_inline]] static constexpr void xdr_fields(Self& self, Visit&& visit) {
    visit("value", self.value);
    visit("next", self.next);
  }
};

using words = std::vector<std::uint32_t>;
using doubles = std::vector<double>;
using blob = std::vector<std::byte>;
using items = std::vector<item>;

}  // namespace table
