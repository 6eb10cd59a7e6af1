#!/bin/bash
# The largest input and the largest output that there may be, between processes: a
# file of 64 MiB comes back as it was, and no node takes more than a few times as
# much memory. A link that is cut half-way costs no piece that has come.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/end_to_end/nodes.sh
. "$here/nodes.sh"

proxy=
stop_proxy() {
  [ -z "$proxy" ] || kill "$proxy" 2> /dev/null || true
  [ -z "$proxy" ] || wait "$proxy" 2> /dev/null || true
  proxy=
}
trap 'stop_nodes; stop_proxy; rm -rf "$scratch"' EXIT

size=$((64 << 20))

# configure NAME WORKS [ADDRESS]: of a node that it dials.
configure() {
  cat > "$1.toml" << END
[node]
key = "$scratch/$1.key"
name = "$1"
state = "$scratch/$1.state"

[network]
name = "large"

[listen]
addresses = ["127.0.0.1:0"]

[discovery]
bootstrap = [${3:+\"$3\"}]

[work]
enabled = $2
slots = 1
END
}

# run_task NAME ARGUMENT...: through the node called home; outputs go to NAME/.
run_task() {
  local name=$1 task
  shift
  artel 0 job submit --config home.toml --estimate 10s --timeout 60s "$@"
  task=$(cat out)
  artel 0 job wait "$task" --quiet --config home.toml
  artel 0 job results "$task" --results "$name" --config home.toml
}

# expect_bounded NAME MIB: the most memory that the node ever had. Sanitizers take
# several times as much.
expect_bounded() {
  local peak
  [ -z "${ARTEL_SANITIZER:-}" ] || return 0
  peak=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/${node_pids[$1]}/status")
  echo "  $1: $((peak >> 10)) MiB at the most"
  [ "$peak" -le $(($2 << 10)) ] || fail "$1 took $((peak >> 10)) MiB"
}

# received NAME: bytes, over all links.
received() {
  artel 0 node describe --config "$1.toml" -o json
  json counters bytes_in
}

# Random, so that no piece is like another.
head -c "$size" /dev/urandom > input
configure home false
start_node home
home=$(ready_value home listen)
for name in worker-1 worker-2; do
  configure "$name" true "$home"
  start_node "$name"
done

echo 'A file of 64 MiB, to two workers and back'
cat > echo.toml << END
[task]
name = "echo"

[input]
files = ["input"]

[code]
program = "/usr/bin/cat"

[limits]
stdout = "64MiB"
wall_time = "60s"

[verification]
replicas = 2
END
run_task echo echo.toml
cmp -s input echo/input || fail 'the file came back as another'
# The file, and an output of each worker.
expect_bounded home 400
expect_bounded worker-1 352
expect_bounded worker-2 352
stop_nodes

# The worker dials nobody; what home dials is the proxy.
configure worker-3 true
start_node worker-3
: > proxy.out
"$here/link_proxy.py" --listen 127.0.0.1:0 --delay-ms 1 \
  --to "$(ready_value worker-3 listen)" --reset-after $((size / 2)) \
  --reset-after $((size * 5 / 4)) > proxy.out 2> proxy.err &
proxy=$!
wait_until 10 grep -q '^listening' proxy.out || fail "$(cat proxy.err)"
rm -rf home.state
configure home false "$(sed -n 's/^listening on //p' proxy.out)"
start_node home

echo 'A link that is cut when half of the input has come'
run_task digest --each input --replicas 1 -- /usr/bin/sha256sum
[ "$(cat digest/input)" = "$(sha256sum < input)" ] || fail 'another file came'
received=$(received worker-3)
[ "$received" -lt $((size + (4 << 20))) ] \
  || fail "$received bytes came: some pieces came twice"

echo 'A link that is cut when half of an output of 32 MB has come'
cat > count.toml << END
[code]
program = "/usr/bin/seq"
args = ["4000000"]

[limits]
stdout = "64MiB"

[verification]
replicas = 1
END
run_task count count.toml
seq 4000000 | cmp -s - count/job-000000.out || fail 'another output came'
stop_nodes
stop_proxy
grep -q '3 links, 2 resets' proxy.err || fail "no two cuts: $(cat proxy.err)"
echo 'large blobs come whole'
