#include "tirpc_codec.hpp"

#include <cstring>

// rpcgen's header says `small`, `fattr3`... at namespace scope; tryst's are in namespace table.
#include "rpcgen_table.h"
#include "table.hpp"

namespace bench {
namespace {

/// rpcgen's type and filter for tryst's type.
template <class T>
struct counterpart;
#define COUNTERPART(name)                      \
  template <>                                  \
  struct counterpart<table::name> {            \
    using type = ::name;                       \
    static constexpr auto filter = xdr_##name; \
  }
COUNTERPART(small);
COUNTERPART(fattr3);
COUNTERPART(words);
COUNTERPART(doubles);
COUNTERPART(blob);
COUNTERPART(items);
COUNTERPART(node);
#undef COUNTERPART

template <class T>
bool decode(std::span<const std::byte> bytes, typename counterpart<T>::type& value) {
  XDR xdr;
  auto* first = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
  xdrmem_create(&xdr, first, static_cast<u_int>(bytes.size()), XDR_DECODE);
  return counterpart<T>::filter(&xdr, &value) == TRUE;
}

template <class T>
void release(typename counterpart<T>::type* value) {
  xdr_free(reinterpret_cast<xdrproc_t>(counterpart<T>::filter), value);
}

}  // namespace

template <class T>
bool tirpc_message::encode(std::span<std::byte> out) {
  using type = typename counterpart<T>::type;
  if (value_ == nullptr) {
    auto value = std::shared_ptr<type>(new type{}, [](type* old) {
      release<T>(old);
      delete old;
    });
    if (!decode<T>(bytes_, *value)) return false;
    value_ = value;
  }
  XDR xdr;
  xdrmem_create(&xdr, reinterpret_cast<char*>(out.data()), static_cast<u_int>(out.size()),
                XDR_ENCODE);
  return counterpart<T>::filter(&xdr, static_cast<type*>(value_.get())) == TRUE;
}

template <class T>
bool tirpc_message::decode_and_free(std::span<const std::byte> bytes) {
  typename counterpart<T>::type value{};
  const bool good = decode<T>(bytes, value);
  release<T>(&value);
  return good;
}

#define INSTANTIATE(name)                                                 \
  template bool tirpc_message::encode<table::name>(std::span<std::byte>); \
  template bool tirpc_message::decode_and_free<table::name>(std::span<const std::byte>)
INSTANTIATE(small);
INSTANTIATE(fattr3);
INSTANTIATE(words);
INSTANTIATE(doubles);
INSTANTIATE(blob);
INSTANTIATE(items);
INSTANTIATE(node);
#undef INSTANTIATE

}  // namespace bench
