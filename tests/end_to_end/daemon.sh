#!/bin/bash
# A node daemon and its control socket: tasks are submitted, followed, explained
# and stopped by commands of their own; settings are read again; its state
# directory is its own, and outlives it.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/end_to_end/nodes.sh
. "$(dirname "$0")/nodes.sh"
trap 'stop_nodes; rm -rf "$scratch"' EXIT

configure() {
  cat > "$1.toml" << END
[node]
key = "$scratch/$1.key"
name = "$1"
role = "$2"
state = "$scratch/$1.state"

[network]
name = "desk"

[listen]
addresses = ["127.0.0.1:0"]

[discovery]
bootstrap = [${bootstrap:+\"$bootstrap\"}]

[work]
enabled = $3
slots = 2

[shutdown]
drain = "5s"
END
}

# ask CODE COMMAND...: of the node called home.
ask() {
  local code=$1 noun=$2 verb=$3
  shift 3
  artel "$code" "$noun" "$verb" --config home.toml "$@"
}

echo 'Nothing to ask'
configure home public false
artel 1 node list --config home.toml
expect_message 'no node answers at .*artel node start'
artel 2 node list --config missing.toml
artel 2 node start --config missing.toml

start_node home
bootstrap=$(ready_value home listen)
for name in worker-1 worker-2 worker-3; do
  configure "$name" public true
  start_node "$name"
done
[ "$(stat -c %a home.state)" = 700 ] || fail 'others may look at the state'
[ "$(stat -c %a home.state/control.sock)" = 600 ] || fail 'others may ask'

echo 'The node'
three_peers() {
  "$ARTEL_BIN" node list --config home.toml > out 2> err \
    && [ "$(grep -c 'worker-' out)" -eq 3 ]
}
wait_until 20 three_peers || fail 'home does not list three workers'
ask 0 node describe -o json
[ "$(json node)" = "$(ready_value home node)" ] || fail 'another node answers'
[ "$(json network)" = desk ] || fail 'it is in another network'
ask 0 node ping "$(ready_value worker-2 listen)" -o json --count 3
[ "$(json sent)" -eq 3 ] || fail 'not three pings'
[ "$(json min_us)" -gt 0 ] || fail 'a round trip in no time'
ask 0 node ping "$(ready_value worker-3 node | cut -c 1-10)"
ask 1 node ping 127.0.0.1:1
ask 2 node ping "$(ready_value worker-3 node | cut -c 1-10)" --count 0

echo 'One daemon a state directory'
artel 1 node start --config home.toml
expect_message "in use by the node daemon with process id ${node_pids[home]}"

echo 'A task from its start to its results'
ask 0 job submit "$examples/primes/primes.toml" --range 1..100_000_000 \
  --chunks 20
task=$(cat out)
ask 0 job wait "${task:0:8}"
expect_result completed
ask 0 job results "${task:0:8}"
expect_result 5761455
ask 0 job list
grep -q "^${task:0:12}  primes  *completed .* 20/20 " out \
  || fail 'the list does not tell of it'
ask 0 job describe "$task" -o json
[ "$(json report state)" = completed ] || fail 'its report is not there'
artel 0 receipt verify "home.state/tasks/$task/receipts.jsonl"
ask 0 job logs "$task"
grep -q 'planned: 20 jobs' out || fail 'its log does not tell of the plan'
ask 0 job explain "$task"
grep -q 'completed' out || fail 'it is not explained that it is over'

echo 'Outputs, one by one'
ask 0 job submit --range 1..3 --chunks 3 -- /usr/bin/printf '%s\n' 'n {first}'
task=$(cat out)
ask 0 job wait "$task" -q
ask 0 job results "$task" --results outputs
[ "$(cat outputs/job-000001.out)" = 'n 2' ] || fail 'an output is not there'
ask 0 job results "$task"
sort out > sorted
printf '0\tn 1\n1\tn 2\n2\tn 3\n' | cmp -s - sorted \
  || fail 'the lines of its jobs are others'
ask 2 job results "$task" --results outputs
ask 0 job results "$task" --results outputs --force

echo 'Jobs that fail'
ask 0 job submit --range 1..2 --chunks 2 --max-attempts 1 \
  -- /bin/sh -c 'echo why >&2; exit 3'
task=$(cat out)
ask 3 job wait "$task"
ask 0 job logs "$task"
grep -q 'why' out || fail 'its log does not have the standard error'
ask 3 job results "$task"

echo 'What is refused'
ask 2 job submit --range 5..1 -- /usr/bin/true
ask 2 job wait 0000
expect_message 'no task of this node'
ask 2 job wait nothing
ask 6 job wait "$("$ARTEL_BIN" job submit --config home.toml --replicas 9 \
  --range 1..2 --kernel count_primes --reduce sum)"

echo 'A task is stopped'
mark
ask 0 job submit --range 1..4 --chunks 4 --timeout 11m \
  -- /usr/bin/sleep "$marker"
task=$(cat out)
wait_until 20 programs_run || fail 'no program runs'
ask 0 job explain "$task"
grep -q 'worker-' out || fail 'it is not explained who was considered'
ask 0 job stop "$task"
expect_result cancelled
wait_until 5 nothing_runs || fail 'programs of a stopped task run on'
ask 130 job wait "$task"

echo 'Settings are read again'
sed -i 's/^slots = 2/slots = 3/' home.toml
printf '\n[log]\nlevel = "debug"\n' >> home.toml
kill -HUP "${node_pids[home]}"
wait_for_log home 'log.level.*debug'
wait_for_log home 'work.slots.*restart'
echo 'nonsense' >> home.toml
kill -HUP "${node_pids[home]}"
wait_for_log home 'settings are wrong'
sed -i '/nonsense/d' home.toml
ask 0 node list

echo 'After a kill'
ask 0 job submit --range 1..4 --chunks 4 --timeout 11m \
  -- /usr/bin/sleep "$marker"
task=$(cat out)
wait_until 20 programs_run || fail 'no program runs'
kill -KILL "${node_pids[home]}"
wait "${node_pids[home]}" 2> /dev/null || true
wait_until 5 nothing_runs || fail 'programs of a dead node run on'
# Where the others look for it.
sed -i "s/127.0.0.1:0/$(ready_value home listen)/" home.toml
start_node home
ask 1 job wait "$task"
expect_message 'lost with the daemon'
ask 0 job list
grep -q "^${task:0:12} .* lost " out || fail 'the lost task is not listed'
ask 0 job results "$(awk '$3 == "completed" { print $1; exit }' out)"
wait_until 20 three_peers || fail 'it did not find its peers again'

echo 'Drained'
artel 0 node drain --config worker-1.toml --deadline 5s
artel 0 node describe --config worker-1.toml -o json
[ "$(json draining)" = ON ] || [ "$(json draining)" = true ] \
  || fail 'it does not say that it drains'
kill -TERM "${node_pids[home]}"
wait "${node_pids[home]}" || fail "home ended with $? after SIGTERM"
unset 'node_pids[home]'
[ ! -e home.state/control.sock ] || fail 'its control socket is left'
artel 1 job list --config home.toml
stop_nodes
echo 'daemons do what they are told'
