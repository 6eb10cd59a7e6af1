#!/bin/bash
# Six nodes in six network namespaces, joined by veth and a bridge. Whoever dials
# a node in another namespace goes through that one's proxy, which delays, stalls
# and resets. One namespace is cut off and rejoins while a task runs. Results are
# those of the embedded network. Exit code 77 where namespaces can't be made.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/end_to_end/nodes.sh
. "$here/nodes.sh"
# shellcheck source=tests/end_to_end/spaces.sh
. "$here/spaces.sh"

workers=(worker1 worker2 worker3 worker4)
members=(seed "${workers[@]}" client)
declare -A proxies=()

clean_up() {
  local name
  for name in "${!proxies[@]}"; do
    kill "${proxies[$name]}" 2> /dev/null || true
    wait "${proxies[$name]}" 2> /dev/null || true
  done
  clean_up_spaces
}
trap clean_up EXIT

make_hub

# address NAME: of a member.
address() {
  local i
  for i in "${!members[@]}"; do
    if [ "${members[$i]}" = "$1" ]; then echo "10.77.0.$((i + 1))"; fi
  done
}

# start_proxy NAME: before the node of that namespace.
start_proxy() {
  : > "$1.proxy"
  ip netns exec "$prefix-$1" python3 "$here/link_proxy.py" \
    --listen "$(address "$1"):7447" --to 127.0.0.1:7447 --delay-ms 20 \
    --stall-probability 0.005 --stall-ms 300 --reset-per-second 0.02 \
    --seed "${#proxies[@]}" > "$1.proxy" 2>&1 &
  proxies[$1]=$!
  local end=$((SECONDS + 10))
  until grep -q '^listening' "$1.proxy"; do
    [ "$SECONDS" -lt "$end" ] || fail "the proxy of $1: $(cat "$1.proxy")"
    sleep 0.05
  done
}

# govern: a network of its own root, with the seed certified.
govern() {
  artel 0 key new --out root.key
  root=$(cat out)
  artel 0 key new --out seed.key
  artel 0 network init --name spaces --root-key root.key
  artel 0 network add-seed network.json --root-key root.key --node seed.key \
    --address "$(address seed):7447" --certificate-out seed.json
}

# configure NAME: the seed runs no jobs.
configure() {
  local role=public certificate=
  if [ "$1" = seed ]; then
    role=seed
    certificate="seed_certificate = \"$scratch/seed.json\""
  fi
  cat > "$1.toml" << EOF
[node]
key = "$scratch/$1.key"
name = "$1"
role = "$role"
state = "$scratch/$1.state"

[network]
name = "spaces"
root = "$root"
config = "$scratch/network.json"
$certificate

[listen]
addresses = ["127.0.0.1:7447"]
advertise = "$(address "$1"):7447"

[links]
keep_alive = "1s"
idle_timeout = "4s"

[discovery]
bootstrap = ["$(address seed):7447"]

[work]
slots = 1
EOF
}

# run_through NAME TASK OPTION...: from the client's namespace.
run_through() {
  last_command="artel job run ${*:2}"
  timeout -s KILL 170 ip netns exec "$prefix-client" "$ARTEL_BIN" job run \
    "${@:2}" --connect "$connect" --network spaces --network-root "$root" \
    --replicas 3 --quiet \
    > "$1.out" 2> "$1.err" < /dev/null
}

echo 'Namespaces'
for name in "${members[@]}"; do
  join_hub "$name" "$(address "$name")/24"
done
govern
for name in seed "${workers[@]}"; do
  start_proxy "$name"
  node_prefix=(ip netns exec "$prefix-$name")
  configure "$name"
  start_node "$name"
done
connect=
for name in seed "${workers[@]}"; do
  connect=$connect${connect:+,}$(address "$name"):7447
done

echo 'Embedded, for comparison'
primes=(--kernel count_primes --range 1..3_000_000_000 --chunks 300 --reduce sum)
artel 0 job run "${primes[@]}" --quiet
mv out primes.expected
artel 0 job run "$examples/wordcount/wordcount.toml" --quiet
mv out wordcount.expected

echo 'Word count'
run_through wordcount "$examples/wordcount/wordcount.toml" \
  || { cat wordcount.err >&2; fail 'wordcount'; }
cmp wordcount.out wordcount.expected || fail 'wordcount gave another result'

echo 'Primes, with a namespace cut off half-way'
run_through primes "${primes[@]}" &
task=$!
sleep 2
kill -0 "$task" 2> /dev/null || fail 'the task ended before the cut'
ip -n "$hub" link set worker2 down
sleep 4
kill -0 "$task" 2> /dev/null || fail 'the task ended before the cut did'
ip -n "$hub" link set worker2 up
wait "$task" || { cat primes.err >&2; fail 'primes'; }
cmp primes.out primes.expected || fail 'primes gave another result'

# The one that was cut off works again: with worker1 gone there are three left, and
# each job needs as many.
kill "${node_pids[worker1]}"
wait "${node_pids[worker1]}" || fail 'worker1 did not end in order'
unset 'node_pids[worker1]'
run_through again --kernel count_primes --range 1..1_000_000 --chunks 20 \
  --reduce sum || { cat again.err >&2; fail 'after rejoining'; }
[ "$(cat again.out)" = 78498 ] || fail 'after rejoining, another result'

stop_nodes
for name in "${!proxies[@]}"; do
  kill "${proxies[$name]}"
  wait "${proxies[$name]}" || fail "the proxy of $name"
  unset "proxies[$name]"
  echo "$name: $(tail -n 1 "$name.proxy")"
done
