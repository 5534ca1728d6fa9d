#include "xdr/supplied.hpp"

template struct tryst::xdr::composite_codec<supplied::event>;
