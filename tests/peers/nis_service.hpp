// A small ypserv: one domain, whose maps are in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tryst/rpc/handler.hpp>
#include <vector>

#include "yp.hpp"

namespace tryst::tests {

struct nis_domain {
  std::string name;
  std::string master;
  std::uint32_t made = 0;  ///< in seconds since 1970
  std::map<std::string, std::map<std::string, std::string>> maps;
};

class nis_service {
public:
  explicit nis_service(nis_domain served) : domain_{std::move(served)} {}

  bool YPPROC_DOMAIN(const yp::domainname& name) const { return name == domain_.name; }
  void YPPROC_DOMAIN_NONACK(rpc::reply<bool> answer, const yp::domainname& name) const {
    if (name == domain_.name) {
      answer(true);
    } else {
      answer.drop();
    }
  }
  yp::ypresp_val YPPROC_MATCH(const yp::ypreq_key& asked) const;
  yp::ypresp_key_val YPPROC_FIRST(const yp::ypreq_nokey& asked) const;
  yp::ypresp_key_val YPPROC_NEXT(const yp::ypreq_key& asked) const;
  void YPPROC_CLEAR() const {}  // no map is ever left open
  yp::ypresp_all YPPROC_ALL(const yp::ypreq_nokey& asked) const;
  yp::ypresp_master YPPROC_MASTER(const yp::ypreq_nokey& asked) const;
  yp::ypresp_order YPPROC_ORDER(const yp::ypreq_nokey& asked) const;
  yp::ypresp_maplist YPPROC_MAPLIST(const yp::domainname& name) const;

private:
  using entries = std::map<std::string, std::string>;
  struct found {
    yp::ypstat stat;
    const entries* map = nullptr;  ///< with YP_TRUE
  };
  found find(const std::string& domain, const std::string& map) const;
  static yp::ypresp_key_val entry_at(const entries& map, entries::const_iterator at);

  nis_domain domain_;
};

}  // namespace tryst::tests
