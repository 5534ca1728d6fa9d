#include "peers/nis_service.hpp"

#include <span>
#include <string_view>

namespace tryst::tests {
namespace {

std::vector<std::byte> bytes(std::string_view text) {
  const auto all = std::as_bytes(std::span{text});
  return {all.begin(), all.end()};
}

std::string text(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

nis_service::found nis_service::find(const std::string& domain, const std::string& map) const {
  if (domain != domain_.name) return {yp::YP_NODOM};
  const auto at = domain_.maps.find(map);
  if (at == domain_.maps.end()) return {yp::YP_NOMAP};
  return {yp::YP_TRUE, &at->second};
}

yp::ypresp_key_val nis_service::entry_at(const entries& map, entries::const_iterator at) {
  if (at == map.end()) return {.stat = yp::YP_NOMORE, .val = {}, .key = {}};
  return {.stat = yp::YP_TRUE, .val = bytes(at->second), .key = bytes(at->first)};
}

yp::ypresp_val nis_service::YPPROC_MATCH(const yp::ypreq_key& asked) const {
  const auto [stat, map] = find(asked.domain, asked.map);
  if (map == nullptr) return {.stat = stat, .val = {}};
  const auto at = map->find(text(asked.key));
  if (at == map->end()) return {.stat = yp::YP_NOKEY, .val = {}};
  return {.stat = yp::YP_TRUE, .val = bytes(at->second)};
}

yp::ypresp_key_val nis_service::YPPROC_FIRST(const yp::ypreq_nokey& asked) const {
  const auto [stat, map] = find(asked.domain, asked.map);
  if (map == nullptr) return {.stat = stat, .val = {}, .key = {}};
  return entry_at(*map, map->begin());
}

yp::ypresp_key_val nis_service::YPPROC_NEXT(const yp::ypreq_key& asked) const {
  const auto [stat, map] = find(asked.domain, asked.map);
  if (map == nullptr) return {.stat = stat, .val = {}, .key = {}};
  return entry_at(*map, map->upper_bound(text(asked.key)));
}

yp::ypresp_all nis_service::YPPROC_ALL(const yp::ypreq_nokey& asked) const {
  const auto [stat, map] = find(asked.domain, asked.map);
  if (map == nullptr) return yp::ypall_entry{.stat = stat, .val = {}, .key = {}, .next = {}};
  yp::ypresp_all all;
  auto* end = &all;
  for (const auto& [key, value] : *map) {
    end =
        &end->emplace(yp::ypall_entry{
                          .stat = yp::YP_TRUE, .val = bytes(value), .key = bytes(key), .next = {}})
             .next;
  }
  return all;
}

yp::ypresp_master nis_service::YPPROC_MASTER(const yp::ypreq_nokey& asked) const {
  const auto [stat, map] = find(asked.domain, asked.map);
  return {.stat = stat, .peer = map == nullptr ? std::string{} : domain_.master};
}

yp::ypresp_order nis_service::YPPROC_ORDER(const yp::ypreq_nokey& asked) const {
  const auto [stat, map] = find(asked.domain, asked.map);
  return {.stat = stat, .ordernum = map == nullptr ? 0 : domain_.made};
}

yp::ypresp_maplist nis_service::YPPROC_MAPLIST(const yp::domainname& name) const {
  if (name != domain_.name) return {.stat = yp::YP_NODOM, .maps = {}};
  yp::ypresp_maplist list{.stat = yp::YP_TRUE, .maps = {}};
  auto* end = &list.maps;
  for (const auto& [map, content] : domain_.maps) {
    end = &end->emplace(yp::ypmaplist{.map = map, .next = {}}).next;
  }
  return list;
}

}  // namespace tryst::tests
