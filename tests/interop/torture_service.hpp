// torture.x at our side: every procedure returns what it was given.
#pragma once

#include "torture.hpp"

namespace tryst::interop {

struct torture_service {
  void ECHO_VOID() {}
  std::int32_t ECHO_INT(std::int32_t v) { return v; }
  std::uint32_t ECHO_UNSIGNED(std::uint32_t v) { return v; }
  std::int32_t ECHO_LONG(std::int32_t v) { return v; }
  std::uint32_t ECHO_UNSIGNED_LONG(std::uint32_t v) { return v; }
  std::int16_t ECHO_SHORT(std::int16_t v) { return v; }
  std::uint16_t ECHO_UNSIGNED_SHORT(std::uint16_t v) { return v; }
  std::int8_t ECHO_CHAR(std::int8_t v) { return v; }
  std::uint8_t ECHO_UNSIGNED_CHAR(std::uint8_t v) { return v; }
  std::int64_t ECHO_HYPER(std::int64_t v) { return v; }
  std::uint64_t ECHO_UNSIGNED_HYPER(std::uint64_t v) { return v; }
  bool ECHO_BOOL(bool v) { return v; }
  float ECHO_FLOAT(float v) { return v; }
  double ECHO_DOUBLE(double v) { return v; }
  torture::colour ECHO_COLOUR(torture::colour v) { return v; }
  torture::counted ECHO_COUNTED(torture::counted v) { return v; }
  std::string ECHO_STRING(std::string v) { return v; }
  torture::short_text ECHO_SHORT_TEXT(torture::short_text v) { return v; }
  torture::digest ECHO_DIGEST(torture::digest v) { return v; }
  torture::odd ECHO_ODD(torture::odd v) { return v; }
  torture::blob ECHO_BLOB(torture::blob v) { return v; }
  torture::small_blob ECHO_SMALL_BLOB(torture::small_blob v) { return v; }
  torture::scalars ECHO_SCALARS(torture::scalars v) { return v; }
  torture::bytes_and_texts ECHO_BYTES_AND_TEXTS(torture::bytes_and_texts v) { return v; }
  torture::three_ints ECHO_THREE_INTS(torture::three_ints v) { return v; }
  torture::ints ECHO_INTS(torture::ints v) { return v; }
  torture::five_ints ECHO_FIVE_INTS(torture::five_ints v) { return v; }
  torture::hypers ECHO_HYPERS(torture::hypers v) { return v; }
  torture::floats ECHO_FLOATS(torture::floats v) { return v; }
  torture::doubles ECHO_DOUBLES(torture::doubles v) { return v; }
  torture::four_doubles ECHO_FOUR_DOUBLES(torture::four_doubles v) { return v; }
  torture::flags ECHO_FLAGS(torture::flags v) { return v; }
  torture::shorts ECHO_SHORTS(torture::shorts v) { return v; }
  torture::chars ECHO_CHARS(torture::chars v) { return v; }
  torture::colours ECHO_COLOURS(torture::colours v) { return v; }
  torture::palette ECHO_PALETTE(torture::palette v) { return v; }
  torture::short_texts ECHO_SHORT_TEXTS(torture::short_texts v) { return v; }
  torture::texts ECHO_TEXTS(torture::texts v) { return v; }
  torture::two_texts ECHO_TWO_TEXTS(torture::two_texts v) { return v; }
  torture::digests ECHO_DIGESTS(torture::digests v) { return v; }
  torture::two_odds ECHO_TWO_ODDS(torture::two_odds v) { return v; }
  torture::small_blobs ECHO_SMALL_BLOBS(torture::small_blobs v) { return v; }
  torture::rows ECHO_ROWS(torture::rows v) { return v; }
  torture::matrix ECHO_MATRIX(torture::matrix v) { return v; }
  torture::ragged ECHO_RAGGED(torture::ragged v) { return v; }
  torture::drawing ECHO_DRAWING(torture::drawing v) { return v; }
  torture::by_int ECHO_BY_INT(torture::by_int v) { return v; }
  torture::by_unsigned ECHO_BY_UNSIGNED(torture::by_unsigned v) { return v; }
  torture::by_bool ECHO_BY_BOOL(torture::by_bool v) { return v; }
  torture::by_enum ECHO_BY_ENUM(torture::by_enum v) { return v; }
  torture::closed ECHO_CLOSED(torture::closed v) { return v; }
  torture::maybe_int ECHO_MAYBE_INT(torture::maybe_int v) { return v; }
  torture::maybe_text ECHO_MAYBE_TEXT(torture::maybe_text v) { return v; }
  torture::maybe_point ECHO_MAYBE_POINT(torture::maybe_point v) { return v; }
  torture::node_list ECHO_NODE_LIST(torture::node_list v) { return v; }
  torture::tree ECHO_TREE(torture::tree v) { return v; }
  torture::pointers ECHO_POINTERS(torture::pointers v) { return v; }
  torture::chain ECHO_CHAIN(torture::chain v) { return v; }
  torture::everything ECHO_EVERYTHING(torture::everything v) { return v; }
};

}  // namespace tryst::interop
