// The parts that most replies have: the status, and the attributes before and after.
#pragma once

#include <system_error>
#include <utility>

#include "attributes.hpp"
#include "export_list.hpp"
#include "nfs3.hpp"

namespace nfsd {

/// NFS3_OK and its body.
template <class Result, class Body>
Result succeeded(Body body) {
  Result reply;
  reply.set_resok(std::move(body));
  return reply;
}

/// The status for `error` and its body.
template <class Result, class Body>
Result failed(const std::error_code& error, Body body) {
  Result reply;
  reply.set_status(to_status(error));
  *reply.resfail() = std::move(body);
  return reply;
}

inline nfs3::post_op_attr to_post_op_attr(const exported_file& at, const file_status& status) {
  nfs3::post_op_attr attributes;
  attributes.set_attributes(to_fattr3(status, at.where->id));
  return attributes;
}

inline nfs3::post_op_attr no_attributes() {
  nfs3::post_op_attr none;
  none.set_attributes_follow(false);
  return none;
}

/// The attributes now; a reply can do without them when the file system cannot tell.
inline nfs3::post_op_attr attributes_now(const exported_file& at) {
  const auto status = at.files().status_of(at.file);
  return status ? to_post_op_attr(at, *status) : no_attributes();
}

/// What a change did: the attributes when the file was found, and now.
inline nfs3::wcc_data wcc_of(const exported_file& at) {
  return {to_pre_op_attr(at.file.status), attributes_now(at)};
}

/// The same of a file that was not found.
inline nfs3::wcc_data no_wcc() {
  nfs3::pre_op_attr none;
  none.set_attributes_follow(false);
  return {none, no_attributes()};
}

/// For the replies of calls whose file may not have been found.
inline nfs3::wcc_data wcc_of(const result<exported_file>& at) {
  return at ? wcc_of(*at) : no_wcc();
}
inline nfs3::post_op_attr attributes_now(const result<exported_file>& at) {
  return at ? attributes_now(*at) : no_attributes();
}

}  // namespace nfsd
