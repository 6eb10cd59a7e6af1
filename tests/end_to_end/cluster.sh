#!/bin/bash
# A seed, four workers and a client as six processes on loopback: examples run as
# they do within one process; workers and clients that die, stop or drain in
# between cost no task and leave no run behind.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/end_to_end/nodes.sh
. "$(dirname "$0")/nodes.sh"
trap 'stop_nodes; rm -rf "$scratch"' EXIT

# configure NAME ADDRESS [LINE]: LINE is one more of its [network].
configure() {
  cat > "$1.toml" << END
[node]
key = "$scratch/$1.key"
name = "$1"
role = "$([ "$1" = seed ] && echo seed || echo public)"
state = "$scratch/$1.state"

[network]
name = "loopback"
root = "$root"
${3:-}

[listen]
addresses = ["$2"]

[discovery]
bootstrap = [$([ "$1" = seed ] || echo "\"$seed\"")]

[work]
slots = 2

[shutdown]
drain = "10s"
END
}

# client CODE ARGUMENT...: `artel job run` through the network.
client() {
  local code=$1
  shift
  artel "$code" job run "${joined[@]}" "$@"
}

# in_background NAME ARGUMENT...: the same, as process $pid; its words go to
# NAME.out and NAME.err.
in_background() {
  local name=$1
  shift
  "$ARTEL_BIN" job run "${joined[@]}" "$@" \
    > "$name.out" 2> "$name.err" < /dev/null &
  pid=$!
}

# expect_end NAME: the process $pid ends well.
expect_end() {
  wait "$pid" || { tail -n 20 "$1.err" >&2 && fail "$1 ended with $?"; }
  cp "$1.out" out
  cp "$1.err" err
  last_command=$1
}

# A root, which certifies the seed at a port that is free now.
seed=127.0.0.1:$(python3 -c 'import socket
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    print(probe.getsockname()[1])')
for name in root seed; do
  artel 0 key new --out "$name.key"
  cp out "$name.id"
done
root=$(cat root.id)
artel 0 network init --name loopback --root-key root.key
artel 0 network add-seed network.json --root-key root.key --node seed.key \
  --address "$seed" --certificate-out certificate.json
joined=(--connect "$seed" --network loopback --network-root "$root")
configure seed "$seed" "config = \"$scratch/network.json\"
seed_certificate = \"$scratch/certificate.json\""
start_node seed
[ "$(ready_value seed listen)" = "$seed" ] || fail 'the seed is elsewhere'
for name in worker-1 worker-2 worker-3 worker-4; do
  configure "$name" 127.0.0.1:0
  start_node "$name"
done

echo 'The same results as within one process'
artel 0 run "$examples/wordcount/wordcount.toml" -q
mv out wordcount.expected
client 0 "$examples/wordcount/wordcount.toml" -q
cmp -s out wordcount.expected || fail 'wordcount gave another result'
client 0 "$examples/primes/primes.toml" -o json --receipts primes.jsonl
[ "$(json result)" = "$(cat "$examples/primes/expected_primes.txt")" ] \
  || fail "there are not $(json result) primes"
check_settlement
artel 0 receipt verify primes.jsonl
artel 0 job plan "$examples/primes/primes.toml" "${joined[@]}" --wait-workers 4
grep -q 'worker-4' out || fail 'the plan does not name all workers'

# Some seconds for all cores of a small machine.
long=(--kernel count_primes --range 1..6_000_000_000 --chunks 120 --reduce sum
  --replicas 3 -o json)
artel 0 run "${long[@]}" -q
expected=$(json result)

echo 'Two runs at once'
in_background first "${long[@]}"
first=$pid
in_background second "${long[@]}"
expect_end second
[ "$(json result)" = "$expected" ] || fail 'the second run gave another result'
pid=$first
expect_end first
[ "$(json result)" = "$expected" ] || fail 'the first run gave another result'

echo 'A worker is killed'
in_background killed "${long[@]}"
sleep 1
! ended || fail "the task was over too soon: $(cat killed.err)"
kill -KILL "${node_pids[worker-1]}"
expect_end killed
[ "$(json result)" = "$expected" ] || fail 'a killed worker changed the result'
wait "${node_pids[worker-1]}" 2> /dev/null || true
start_node worker-1

echo 'A worker is stopped for five seconds'
in_background stopped "${long[@]}"
sleep 1
! ended || fail "the task was over too soon: $(cat stopped.err)"
kill -STOP "${node_pids[worker-2]}"
sleep 5
kill -CONT "${node_pids[worker-2]}"
expect_end stopped
[ "$(json result)" = "$expected" ] || fail 'a stopped worker changed the result'

echo 'A client is killed'
mark
in_background client --range 1..8 --chunks 8 --replicas 3 --timeout 11m \
  -- /usr/bin/sleep "$marker"
wait_until 20 programs_run || fail "no program runs: $(tail -n 3 client.err)"
kill -KILL "$pid"
wait "$pid" 2> /dev/null || true
wait_until 5 nothing_runs || fail 'programs of a dead client run on'
for name in worker-1 worker-2 worker-3 worker-4; do
  artel 0 node describe --config "$name.toml" -o json
  [ "$(json worker running)" -eq 0 ] || fail "$name has a busy slot"
done

echo 'A worker drains'
in_background draining --range 1..4 --chunks 4 --replicas 3 \
  -- /usr/bin/sleep 2
wait_until 20 grep -q 'running' draining.err || sleep 1
kill -TERM "${node_pids[worker-3]}"
expect_end draining
drained=${node_pids[worker-3]}
unset 'node_pids[worker-3]'
wait "$drained" || fail "worker-3 ended with $? after SIGTERM"
grep -q 'drained' worker-3.log || fail 'worker-3 did not say that it drained'

echo 'What is owed'
artel 0 node describe --config worker-1.toml
grep -q 'signed claims, not witnessed yet' out || fail 'no claims are shown'
artel 0 node describe --config worker-4.toml -o json
[ "$(json claims_total claims)" -ge 1 ] || fail 'worker-4 was paid for nothing'

stop_nodes
[ ! -e worker-1.state/control.sock ] || fail 'a control socket is left'
echo 'six processes work as one'
