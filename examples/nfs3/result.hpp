// What the file system's operations return: a value, or an errno in the generic category.
#pragma once

#include <expected>
#include <system_error>

namespace nfsd {

template <class T>
using result = std::expected<T, std::error_code>;

inline std::unexpected<std::error_code> failure(int error) {
  return std::unexpected{std::error_code{error, std::generic_category()}};
}

}  // namespace nfsd
