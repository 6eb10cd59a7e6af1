#!/bin/bash
# Random simulated networks: a swarm of them, one again by its seed, one made
# smaller, and how fast jobs recover.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

small=(--nodes 5 --crypto modelled)

# The same seeds come to the same, whoever runs them, and twice.
artel 0 sim swarm --seeds 1..10 --jobs 2 --check-determinism "${small[@]}"
grep -qx '10 seeds: 0 failures, 0 divergences' out \
  || fail 'a swarm does not say how it ended'
artel 0 sim swarm --seeds 1..10 --jobs 3 "${small[@]}" -o json
[ "$(json seeds)" -eq 10 ] || fail 'not all seeds were run'
[ "$(json failures)" -eq 0 ] || fail 'a seed failed'
[ "$(json jobs completed)" -gt 10 ] || fail 'hardly a job was run'
steps=$(json steps)
artel 0 sim swarm --seeds 1..10 --jobs 1 "${small[@]}" -o json
[ "$(json steps)" -eq "$steps" ] || fail 'another number of processes, other runs'

# What happens in one of them: the same text each time, filtered, as a script.
artel 0 sim replay 3 --faults heavy "${small[@]}"
grep -q 'job_assign' out || fail 'a replay shows no assignment'
grep -q '^hash [0-9a-f]\{16\}, ' out || fail 'a replay ends without its hash'
cp out first
artel 0 sim replay 3 --faults heavy "${small[@]}"
cmp -s out first || fail 'a replay is not the same again'
artel 0 sim replay 3 --only fault --node worker-1 --to 5s "${small[@]}"
! grep -q 'job_assign' out || fail '--only shows other kinds'
artel 0 sim replay 3 --quiet --check-determinism --trace trace.json "${small[@]}"
cmake -DFILE="$scratch/trace.json" -DKEYS=traceEvents -P "$here/json.cmake" \
  > trace_events || fail 'the time line is not JSON'
artel 0 sim replay 3 --script "${small[@]}"
grep -q '^node add worker-1 ' out || fail 'the script has no nodes'

# The script is one that can be run.
for seed in 1 2 3 4 5 6; do
  artel 0 sim replay "$seed" --faults heavy --script "${small[@]}"
  cp out world.artel
  artel 0 sim run world.artel
done

# A world that holds has nothing to shrink (planted_bugs.sh has those that do
# not hold); a file that is no world is refused.
artel 0 sim shrink 3 "${small[@]}"
expect_message 'does not fail'
artel 2 sim replay --plan missing.json
expect_message 'missing\.json'
echo '{"seed": 1}' > wrong.json
artel 2 sim replay --plan wrong.json
expect_message 'wrong\.json.*crypto'

# Bad options: told, with what was expected.
artel 2 sim swarm --seeds 10..1
expect_message 'seeds'
artel 2 sim swarm --nodes 1
expect_message 'nodes.*2'
artel 2 sim swarm --faults sometimes
expect_message 'none, default'
artel 2 sim swarm --guard never
expect_message 'guard'
artel 2 sim replay
expect_message 'seed'
artel 2 sim replay abc
expect_message 'seed'
artel 2 sim replay 3 --only falt
expect_message "did you mean 'fault'"
artel 2 sim replay 3 --node nobody
expect_message 'no node'
artel 2 sim shrink 3 --tries 0
expect_message 'tries'
artel 2 sim measure happiness
expect_message 'recovery'
artel 2 sim measure recovery --loss 200%
expect_message 'loss'

# How fast jobs recover, in a few worlds.
artel 0 sim measure recovery --seeds 1..5 --loss 0% --link-days 1 --only -o json
grep -q '"false_alarms_hold"' out || fail 'the target is not judged'
cmake -DFILE="$scratch/out" -DKEYS=points '-DCOLUMNS=loss_ppm;false_alarms' \
  -P "$here/json.cmake" > points || fail 'no points'
[ "$(cat points)" = '0 0' ] || fail "false alarms without loss: $(cat points)"

# A process that crashes is the failure of the seed it was at; the rest go on.
last_command='artel sim swarm, one process of which crashes'
"$ARTEL_BIN" sim swarm --seeds 1..200 --jobs 2 > out 2> err < /dev/null &
pid=$!
children() { cat "/proc/$pid/task/$pid/children"; }
for _ in $(seq 100); do
  [ "$(children | wc -w)" -lt 2 ] || break
  sleep 0.02
done
sleep 0.3
all=$(children)
kill -SEGV "${all%% *}"
code=0
wait "$pid" || code=$?
[ "$code" -eq 9 ] || fail "$last_command ended with $code; expected 9"
grep -q '^seed [0-9]*: process ended$' out || fail 'the crash is not told'
grep -q 'signal 11' out || fail 'the signal is not told'
grep -qx '200 seeds: 1 failure, 0 divergences' out \
  || fail 'the other seeds were not run'

# Ctrl-C: the processes end, and what was done is said.
interrupt() {
  last_command="artel $*"
  set -m
  "$ARTEL_BIN" "$@" > out 2> err < /dev/null &
  pid=$!
  set +m
  sleep 2
  kill -INT -- "-$pid"
  for _ in $(seq 100); do
    kill -0 "$pid" 2> /dev/null || break
    sleep 0.1
  done
  ! kill -0 -- "-$pid" 2> /dev/null \
    || fail "$last_command or its processes did not end within 10 s"
  code=0
  wait "$pid" || code=$?
  [ "$code" -eq 130 ] || fail "$last_command ended with $code; expected 130"
}

interrupt sim swarm --seeds 1..1000000 --jobs 2
grep -q 'of 1,000,000: 0 failures' out || fail 'an interrupted swarm sums up'
interrupt sim replay 7 --nodes 300 --faults heavy --quiet
interrupt sim measure recovery --link-days 1000
