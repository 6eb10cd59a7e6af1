#!/bin/bash
# Whatever is wrong with a script is said with its file, line and column, what
# was expected and what was probably meant; the exit code tells its kind.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

# script LINE...: a script s.artel.
script() {
  printf '%s\n' "$@" > s.artel
}

# says CODE MESSAGE...: running it ends with CODE and says these lines on
# standard error, and nothing else.
says() {
  local code=$1
  shift
  artel "$code" sim run s.artel
  printf '%s\n' "$@" > wanted
  diff -u wanted err > difference \
    || fail "the script said something else:$(printf '\n' && cat difference)"
}

echo 'Commands and options'
script 'node add a' 'nod add b'
says 2 "s.artel:2:1: there is no command 'nod'; did you mean 'node'? ('help' lists all)"
script 'node ad b'
says 2 "s.artel:1:6: there is no command 'node ad'; did you mean 'add'? (node knows add, set, kill, pause, resume, restart)"
script '  node add b --sped 2x'
says 2 "s.artel:1:14: 'node add' has no option '--sped'; did you mean '--speed'?"
script 'node add b --cpu'
says 2 "s.artel:1:12: the required argument for option '--cpu' is missing"
script 'node add b 3 4'
says 2 "s.artel:1:14: 'node add' does not take '4'; usage: node add NAME [COUNT] [OPTION...]"
script 'sim run other.artel'
says 2 "s.artel:1:1: 'sim run' works in a terminal only: 'artel sim run'"

echo 'Values and units'
script 'world --latency 20parsecs'
says 2 "s.artel:1:7: --latency: '20parsecs' is not a time; expected a number with a unit (ms, s, m, h, d), such as \"10s\" or \"1h30m\""
script 'world --loss 5'
says 2 "s.artel:1:7: --loss: '5' is no percentage; expected one from 0% to 100%, such as 1% or 0.5%"
script 'node add b --role worker'
says 2 "s.artel:1:12: --role: 'worker' is no role; expected client, public, seed or specialised"
script 'run 10'
says 2 "s.artel:1:5: '10' is not a time; expected a number with a unit (ms, s, m, h, d), such as \"10s\" or \"1h30m\""
script 'job submit nope.toml --as a'
says 2 "s.artel:1:12: task file 'nope.toml' does not exist"

echo 'Lines and blocks'
script "echo 'a" 'run 1s'
says 2 "s.artel:1:6: this ' is not closed; expected another one before the end of the line"
script 'run 1s' ' repeat 3' 'run 1s'
says 2 "s.artel:2:2: this 'repeat' has no 'end'"
script 'end'
says 2 "s.artel:1:1: 'end' without a 'repeat' before it"
script 'set workers = 8' 'node add w $workerz'
says 2 "s.artel:2:12: there is no variable 'workerz'; did you mean 'workers'? ('set workerz = VALUE' makes it)"
script 'include part.artel'
says 2 "s.artel:1:9: cannot read the script 'part.artel': No such file or directory"
echo 'include s.artel' > part.artel
says 2 "part.artel:1:9: 's.artel' is being read already: it includes itself"
printf '%s\n' 'run 1s' '  nod' > part.artel
says 2 "part.artel:2:3: there is no command 'nod'; did you mean 'node'? ('help' lists all)"
# All mistakes at once, and nothing was done.
script 'echo begun' 'nod' 'run 1' 'expect clock.now < 5'
says 2 "s.artel:2:1: there is no command 'nod'; did you mean 'node'? ('help' lists all)" \
  "s.artel:3:5: '1' is not a time; expected a number with a unit (ms, s, m, h, d), such as \"10s\" or \"1h30m\"" \
  's.artel:4:20: cannot compare a duration with a number; expected a duration such as 2s'
expect_result ''

echo 'Expressions'
script 'expect clock.now > 1s and'
says 2 "s.artel:1:26: expected a figure such as primes.done, a number or a text, and not the end of the line"
script 'expect world.nodes = 1'
says 2 "s.artel:1:20: '=' means nothing in an expression; did you mean '=='?"
script 'expect clock.later > 1s'
says 2 "s.artel:1:14: there is no figure 'clock.later'; expected now"
script 'expect x.status == complete'
says 2 "s.artel:1:20: x.status is never 'complete'; did you mean 'completed'?; expected pending, running, completed, failed, cancelled, expired, orphaned, up, paused or down"
script 'wait until clock.now > 1s'
says 2 "s.artel:1:26: 'wait until' lacks its limit of time; expected 'within 60s' at the end"

echo 'Names'
script 'node add worker 2' 'node kill worker-1,worker-9'
says 2 "s.artel:2:20: there is no node 'worker-9'; did you mean 'worker-1'?; expected worker-1 or worker-2"
script 'node add worker 2' 'expect worker-9.status == up'
says 2 "s.artel:2:8: there is no node or task 'worker-9'; did you mean 'worker-1'?; expected worker-1, worker-2, credits, links, clock or world"
script 'node add a' 'node add a'
says 2 "s.artel:2:10: there is a node 'a' already"
script 'job cancel x'
says 2 "s.artel:1:12: there is no task 'x'; there are none yet"

echo 'Checks that fail'
script 'node add worker 3' 'run 1500ms' 'expect worker-3.reputation < 0.4'
says 9 's.artel:3:1: expected worker-3.reputation < 0.4, and it is 0.5 at 1.5 s'
script 'node add a' 'expect world.nodes == world.tasks'
says 9 's.artel:2:1: expected world.nodes == world.tasks, and world.nodes is 1, world.tasks is 0 at 0 s'
script 'node add a' 'expect a.status == down within 2s'
says 9 's.artel:2:1: expected a.status == down within 2 s, and it is up at 2 s'
script 'node add a' 'at 2s expect a.status == down' 'run 60s'
says 9 's.artel:2:7: expected a.status == down, and it is up at 2 s'
script 'node add a' 'wait until a.status == down within 2s'
says 5 's.artel:2:1: expected a.status == down within 2 s, and it is up at 2 s'
script 'world --seed 3' 'node add a 4' 'settle within 1us'
artel 9 sim run s.artel
expect_message '^s\.artel:3:1: a rule of the world is broken: .*liveness.*; seed 3$'
script 'world --steps 50' 'node add a 3' 'repeat 1000' '  run 1s' 'end'
artel 1 sim run s.artel
expect_message "^s\.artel:4:3: .* limit of 50 steps .*'world --steps N' raises it$"

echo 'Other ways to run it'
artel 2 sim run nope.artel
expect_message "cannot read the script 'nope.artel': No such file"
artel 2 sim run s.artel --seed x
expect_message '^artel: --seed: '
artel 2 sim run s.artel --set 1=2
expect_message "--set: '1=2' given; expected NAME=VALUE"
script 'nod'
artel 2 shell s.artel
expect_message "^s\.artel:1:1: there is no command 'nod'"
artel 2 node add x
expect_message "'node add' works in the shell and in scripts: 'artel shell'"

echo 'What holds'
script 'node add alice --role client' 'node add worker $count' \
  'job submit --as alice --kernel count_primes --range 1..1000 --chunks 4 \' \
  '  --reduce sum --name primes' \
  'expect primes.result == 168 within 60s' 'show world.seed'
artel 0 sim run s.artel --set count=3 --seed 42 --trace trace.json
grep -qx 42 out || fail 'the seed of the command line was not taken'
grep -qE '^ok: 1 expectation, [0-9.]+ s simulated, [0-9,]+ steps, trace [0-9a-f]{16}$' \
  out || fail 'there is no summary'
cp out first
grep -q traceEvents trace.json || fail 'there is no trace'
artel 0 sim run s.artel --set count=3 --seed 42
diff first out || fail 'the same script and seed gave another world'
artel 0 sim run s.artel --set count=3 --seed 43
cmp -s first out && fail 'another seed gave the same world'
exit 0
