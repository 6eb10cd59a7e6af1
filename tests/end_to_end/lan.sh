#!/bin/bash
# Three nodes in namespaces without any route out, joined by a bridge, with no
# bootstrap list: they find each other by broadcast alone, by IPv4 multicast alone,
# and by IPv6 multicast alone; then they run a job. Exit code 77 where namespaces
# can't be made.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/end_to_end/nodes.sh
. "$here/nodes.sh"
# shellcheck source=tests/end_to_end/spaces.sh
. "$here/spaces.sh"
# shellcheck source=tests/end_to_end/lan_nodes.sh
. "$here/lan_nodes.sh"
trap clean_up_spaces EXIT

members=(one two three)

# find_each_other LISTEN [GROUP]: and work together.
find_each_other() {
  local group=${2:-} name
  start_lan "$1" "${members[@]}"
  await_links "${members[@]}"
  expect_primes "$(submit_job)"
  for name in two three; do
    artel 0 node describe --config "$name.toml" -o json
    [ "$(json worker completed)" -ge 6 ] || fail "$name did not do its part"
  done
  stop_nodes
}

make_hub
number=0
for name in "${members[@]}"; do
  number=$((number + 1))
  join_hub "$name" "10.78.0.$number/24"
done

echo 'By broadcast'
find_each_other 0.0.0.0:7447

echo 'By multicast, where the bridge passes no broadcasts on'
mac() { ip -n "$prefix-$1" -br link show uplink | awk '{ print $3 }'; }
for name in "${members[@]}"; do
  ip -n "$hub" link set "$name" type bridge_slave bcast_flood off
  # Without broadcasts nobody can be asked for.
  for number in 1 2 3; do
    other=${members[$((number - 1))]}
    [ "$other" = "$name" ] || ip -n "$prefix-$name" neighbour replace \
      "10.78.0.$number" lladdr "$(mac "$other")" nud permanent dev uplink
  done
done
find_each_other 0.0.0.0:7447 239.255.74.47

echo 'By multicast of IPv6, where there is no IPv4'
if [ ! -e /proc/sys/net/ipv6/conf/all/disable_ipv6 ] \
  || [ "$(cat /proc/sys/net/ipv6/conf/all/disable_ipv6)" = 1 ]; then
  echo 'left out: there is no IPv6'
  exit
fi
number=0
for name in "${members[@]}"; do
  number=$((number + 1))
  ip -n "$prefix-$name" -4 address flush dev uplink
  ip -n "$prefix-$name" address add "fd78::$number/64" dev uplink nodad
done
find_each_other '[::]:7447' ff02::7447
echo 'nodes of a local network find each other'
