# Real nodes for the end-to-end scripts; read in by them after lib.sh, not run.
# shellcheck shell=bash

declare -A node_pids=()
# What goes before a node's command: "ip netns exec NAME", say.
node_prefix=()

# start_node NAME: starts the node whose config is NAME.toml, with a new key in
# NAME.key where there is none, and waits until it is ready. Its words go to
# NAME.log.
start_node() {
  # shellcheck disable=SC2154 # lib.sh's
  local name=$1 end directory=$scratch
  [ -e "$name.key" ] || artel 0 key new --out "$name.key"
  : > "$name.ready"
  "${node_prefix[@]}" "$ARTEL_BIN" node start --config "$directory/$name.toml" \
    > "$name.ready" 2>> "$name.log" < /dev/null &
  node_pids[$name]=$!
  end=$((SECONDS + 30))
  until grep -q '^ready ' "$name.ready"; do
    if ! kill -0 "${node_pids[$name]}" 2> /dev/null || [ "$SECONDS" -ge "$end" ]
    then
      tail -n 20 "$name.log" >&2
      fail "node $name did not become ready"
    fi
    sleep 0.05
  done
}

# ready_value NAME KEY: of the line that a node says once it is ready.
ready_value() {
  sed -n "s/^ready .*\\b$2=\\([^ ]*\\).*/\\1/p" "$1.ready" | head -n 1
}

# wait_for_log NAME REGEX: until the node has said so.
wait_for_log() {
  local end=$((SECONDS + 30))
  until grep -qE -- "$2" "$1.log"; do
    if [ "$SECONDS" -ge "$end" ]; then
      tail -n 20 "$1.log" >&2
      fail "node $1 did not say anything like '$2'"
    fi
    sleep 0.1
  done
}

# stop_nodes: ends all that this script has started.
stop_nodes() {
  local name
  for name in "${!node_pids[@]}"; do
    kill "${node_pids[$name]}" 2> /dev/null || true
  done
  for name in "${!node_pids[@]}"; do
    wait "${node_pids[$name]}" 2> /dev/null || true
  done
  node_pids=()
}
