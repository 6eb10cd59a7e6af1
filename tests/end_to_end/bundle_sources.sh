#!/bin/bash
# A worker that comes to a running task gets the program from the task's owner and
# from the worker that has it already: a part from each, and no piece twice.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/end_to_end/nodes.sh
. "$here/nodes.sh"
trap 'stop_nodes; rm -rf "$scratch"' EXIT

size=$((24 << 20))

# configure NAME WORKS [ADDRESS...]: of nodes that it dials.
configure() {
  local name=$1 works=$2 dialled=
  shift 2
  [ $# -eq 0 ] || printf -v dialled '"%s", ' "$@"
  cat > "$name.toml" << END
[node]
key = "$scratch/$name.key"
name = "$name"
state = "$scratch/$name.state"

[network]
name = "sources"

[listen]
addresses = ["127.0.0.1:0"]

[discovery]
bootstrap = [$dialled]
# The test says who is linked with whom.
exchange = false

[work]
enabled = $works
slots = 1
END
}

# completed NAME: how many jobs it has done.
completed() {
  artel 0 node describe --config "$1.toml" -o json
  json worker completed
}
has_completed() { [ "$(completed "$1")" -ge 1 ]; }

# received NAME PEER: bytes, over that link.
received() {
  artel 0 node describe --config "$1.toml" -o json
  python3 -c 'import json, sys
print(sum(peer["counters"]["bytes_in"] for peer in json.load(sys.stdin)["peers"]
          if peer["name"] == sys.argv[1]))' "$2" < out
}

head -c "$size" /dev/urandom > data
printf '%s\n' '#!/bin/sh' 'sleep 0.2' 'wc -c < data' > job.sh
chmod +x job.sh
cat > task.toml << END
[input]
range = "1..40"
chunks = 40

[code]
program = "job.sh"
args = ["{first}"]
files = ["data"]

[reduce]
op = "max"

[verification]
replicas = 1
END

configure early true
start_node early
early=$(ready_value early listen)
configure late true "$early"
configure home false "$early"
start_node late
start_node home

echo 'A worker has the program'
artel 0 job submit --config home.toml task.toml
task=$(cat out)
wait_until 20 has_completed early || fail 'the first worker does nothing'
[ "$(received late home)" -eq 0 ] || fail 'there is a link already'

echo 'Another one comes'
configure home false "$early" "$(ready_value late listen)"
kill -HUP "${node_pids[home]}"
wait_until 20 has_completed late || fail 'the second worker does nothing'
from_early=$(received late early)
from_home=$(received late home)
echo "  $((from_early >> 10)) KiB from the first, $((from_home >> 10)) from home"
[ "$from_early" -gt $((size / 8)) ] || fail 'the first worker gave too little'
[ "$from_home" -gt $((size / 8)) ] || fail 'the owner gave too little'
[ $((from_early + from_home)) -lt $((size * 9 / 8)) ] \
  || fail 'pieces came more than once'
artel 0 job wait "$task" --quiet --config home.toml
artel 0 job results "$task" --config home.toml
expect_result "$size"
stop_nodes
echo 'code comes from whoever has it'
