# Network namespaces joined by a bridge, for the end-to-end scripts; read in by
# them after lib.sh and nodes.sh, not run. Whoever reads it in says
# `trap clean_up_spaces EXIT`.
# shellcheck shell=bash

prefix=artel$$
hub=$prefix-hub
spaces=()

# skip REASON...: ends the script, which does not count as failed.
skip() {
  echo "skipped: $*"
  exit 77
}

# make_hub: skips where namespaces can't be had.
make_hub() {
  command -v ip > /dev/null || skip 'there is no ip command (iproute2)'
  command -v python3 > /dev/null || skip 'there is no python3'
  ip netns add "$hub" 2> err \
    || skip "network namespaces can't be made here: $(head -n 1 err)"
  spaces+=("$hub")
  ip -n "$hub" link add bridge0 type bridge 2> err \
    || skip "bridges can't be made here: $(head -n 1 err)"
  ip -n "$hub" link set bridge0 up
}

# join_hub NAME ADDRESS/BITS...: a namespace with a cable to the bridge, whose end
# there is called NAME and whose other end is `uplink`.
join_hub() {
  local name=$1 space=$prefix-$1 address
  shift
  ip netns add "$space"
  spaces+=("$space")
  ip -n "$space" link set lo up
  if ! ip link add uplink netns "$space" type veth \
    peer name "$name" netns "$hub" 2> err; then
    skip "veth devices can't be made here: $(head -n 1 err)"
  fi
  for address in "$@"; do
    if [[ $address == *:* ]]; then
      ip -n "$space" address add "$address" dev uplink nodad
    else
      ip -n "$space" address add "$address" dev uplink
    fi
  done
  ip -n "$space" link set uplink up
  ip -n "$hub" link set "$name" master bridge0
  ip -n "$hub" link set "$name" up
}

# within NAME COMMAND...: runs it in that namespace.
within() {
  ip netns exec "$prefix-$1" "${@:2}"
}

delete_spaces() {
  local name
  for name in "${spaces[@]}"; do
    ip netns delete "$name" 2> /dev/null || true
  done
  spaces=()
}

clean_up_spaces() {
  stop_nodes
  delete_spaces
  # shellcheck disable=SC2154 # lib.sh's
  rm -rf "$scratch"
}
