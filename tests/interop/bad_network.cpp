#include "interop/bad_network.hpp"

namespace tryst::interop {

// What is late leaves one by one, at 50 kbit/s: some 10 ms for each, more than 100 ms for some, so
// that copies of their calls overtake them. nft's dup hands the device a copy, which may be doubled
// too.
std::string bad_network::rules(unsigned lost) {
  return R"(
ip link set lo up
tc qdisc add dev lo root handle 1: htb default 1
tc class add dev lo parent 1: classid 1:1 htb rate 10gbit quantum 60000
tc class add dev lo parent 1: classid 1:2 htb rate 50kbit burst 100b cburst 100b quantum 1500
nft -f - <<EOF
table inet bad {
  chain leaving {
    type filter hook output priority 0;
    meta l4proto udp numgen random mod 100 < )" +
         std::to_string(late) + R"( meta priority set 1:2
  }
  chain arriving {
    type filter hook input priority 0;
    meta l4proto udp numgen random mod 100 < )" +
         std::to_string(lost) + R"( drop
  }
}
table netdev worse {
  chain arriving {
    type filter hook ingress device lo priority 0;
    meta l4proto udp numgen random mod 100 < )" +
         std::to_string(doubled) + R"( dup to lo
  }
}
EOF
)";
}

}  // namespace tryst::interop
