# Nodes without a bootstrap list, in namespaces of one local network; read in by
# the end-to-end scripts after spaces.sh, not run.
# shellcheck shell=bash

# configure NAME LISTEN [GROUP]
configure() {
  cat > "$1.toml" << END
[node]
key = "$scratch/$1.key"
name = "$1"
state = "$scratch/$1.state"

[network]
name = "lan"

[listen]
addresses = ["$2"]

[discovery]
lan = true
lan_group = [${3:+\"$3\"}]
# What one node tells another of a third is not what is tried here.
exchange = false

[work]
slots = 1
END
}

# linked_all NAME...: whether each of these nodes has a link to all others.
linked_all() {
  local name other
  for name in "$@"; do
    "$ARTEL_BIN" node list --config "$name.toml" > list 2> err || return 1
    for other in "$@"; do
      [ "$other" = "$name" ] || grep -qw "$other" list || return 1
    done
  done
}

# start_lan LISTEN NAME...: nodes, each in its namespace, which find each other; by
# broadcast, and by $group where there is one.
start_lan() {
  local listen=$1 name
  shift
  for name in "$@"; do
    rm -rf "$name.state"
    configure "$name" "$listen" "${group:-}"
    # shellcheck disable=SC2034 # nodes.sh's
    node_prefix=(ip netns exec "$prefix-$name")
    start_node "$name"
  done
}

# await_links NAME...: until all of these have found each other.
await_links() {
  wait_until 20 linked_all "$@" \
    || fail "they don't find each other: $(cat list "${@/%/.log}")"
}

# submit_job: prints the id of a task that needs two workers.
submit_job() {
  "$ARTEL_BIN" job submit --kernel count_primes --range 1..1_000_000 --chunks 6 \
    --reduce sum --replicas 2 --config one.toml 2> err || fail 'not submitted'
}

# expect_primes TASK
expect_primes() {
  artel 0 job wait "$1" --quiet --config one.toml
  artel 0 job results "$1" --config one.toml
  expect_result 78498
}
