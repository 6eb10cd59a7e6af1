#!/bin/bash
# Calls into a local network that nodes must not listen to: of other networks, with
# wrong signatures, too old, mangled, and floods of them. The nodes dial nobody for
# them, keep their links, work on, and hear who comes later. Exit code 77 where
# namespaces can't be made.
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

# call WHAT OPTION...: as a stranger.
call() {
  within four python3 "$here/lan_caller.py" "$@" --network lan \
    --to 10.78.0.255 --own 10.78.0.4 --claim "$(ready_value one node)" --nodes 3
}

# expect_unmoved COUNT: the nodes have the links that they had, and know of no more
# addresses; one that leads nowhere they may have forgotten.
expect_unmoved() {
  local name
  linked_all "${members[@]}" || fail "a link is gone: $(cat list)"
  for name in "${members[@]}"; do
    artel 0 node describe --config "$name.toml" -o json
    [ "$(json known_addresses)" -le "$1" ] \
      || fail "$name knows $(json known_addresses) addresses, not $1 at most"
    ! grep -q 'is gone' "$name.log" || fail "$name lost a link"
  done
}

# udp NAME COLUMN: of the socket that hears calls, from /proc/net/udp.
# shellcheck disable=SC2016 # for awk
udp() { within "$1" awk -v n="$2" '$2 ~ /:1D18$/ { print $n }' /proc/net/udp; }
# all_heard: whether nothing waits any more.
all_heard() {
  local name
  for name in "${members[@]}"; do
    [[ $(udp "$name" 5) == *:00000000 ]] || return 1
  done
}

make_hub
number=0
for name in "${members[@]}" four; do
  number=$((number + 1))
  join_hub "$name" "10.78.0.$number/24"
done
start_lan 0.0.0.0:7447 "${members[@]}"
await_links "${members[@]}"
expect_unmoved 2

echo 'Calls that mean nothing'
call strangers || fail 'a stranger was listened to'
# One was right, from an address where no node is.
expect_unmoved 3

echo 'A flood of them, while a task runs'
call flood --count 20000 --rate 10000 &
flood=$!
for _ in 1 2 3; do
  expect_primes "$(submit_job)"
done
wait "$flood" || fail 'no flood'
for name in "${members[@]}"; do
  [ "$(udp "$name" 13)" -gt 1000 ] || fail "$name was not flooded"
done
expect_unmoved 3

echo 'Right calls, from ports where nobody is; then a node'
wait_until 20 all_heard || fail 'calls are not heard'
call absent --count 40
wait_until 20 all_heard || fail 'calls are not heard'
start_lan 0.0.0.0:7447 four
await_links "${members[@]}" four
for name in "${members[@]}"; do
  ! grep -q 'is gone' "$name.log" || fail "$name lost a link"
done
expect_primes "$(submit_job)"
stop_nodes
echo 'nodes stay with their own'
