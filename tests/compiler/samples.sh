#!/bin/sh
# samples.sh SERVER CLIENT COUNT EXPECTED: starts the sample server, runs the sample client at each
# of the COUNT addresses that it serves, and compares what the client says.
set -e
places=$(mktemp -d)
mkfifo "$places/said"
"$1" >"$places/said" &
server=$!
trap 'kill $server; wait $server || true; rm -r "$places"' EXIT
exec 3<"$places/said"
left=$3
while [ "$left" -gt 0 ]; do
  read -r line <&3
  said=$("$2" "${line#serving at }")
  [ "$said" = "$4" ] || { echo "$line: $said"; exit 1; }
  left=$((left - 1))
done
