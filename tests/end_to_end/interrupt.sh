#!/bin/bash
# Ctrl-C: jobs are cancelled, held credits return, what was done is said, and no
# process is left behind. kill -9: no process is left either, and the next start
# removes what lies about.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

mark

# interrupt ARGUMENT...: starts artel in a process group of its own, as a
# terminal does, sends the group SIGINT once programs run, and expects 130.
interrupt() {
  last_command="artel $*"
  # Without job control, background commands ignore SIGINT.
  set -m
  "$ARTEL_BIN" "$@" > out 2> err < /dev/null &
  pid=$!
  set +m
  if ! wait_until 20 programs_run; then
    kill -KILL -- "-$pid" || true
    fail "$last_command: no program was started"
  fi
  kill -INT -- "-$pid"
  if ! wait_until 10 ended; then
    kill -KILL -- "-$pid" || true
    fail "$last_command did not end within 10 s of SIGINT"
  fi
  code=0
  wait "$pid" || code=$?
  [ "$code" -eq 130 ] || fail "$last_command ended with $code; expected 130"
  wait_until 2 nothing_runs || fail "$last_command left $(marked) processes"
}

printf '%s\n' '[task]' 'name = "slow"' 'type = "map"' \
  '[input]' 'range = "1..100"' 'chunks = 100' \
  '[code]' 'program = "/usr/bin/sleep"' "args = [\"$marker\"]" \
  '[limits]' 'wall_time = "11m"' > slow.toml

interrupt run slow.toml -o json
expect_nothing_paid
[ "$(json jobs completed)" -eq 0 ] || fail 'a job completed'

interrupt run slow.toml
expect_result ''
expect_message 'interrupt|cancel'
expect_message '0 (of|/) ?100'

# kill -9: nothing of ours gets to run. The kernel ends the programs; the
# directory is removed by whoever starts a sandbox next.
export TMPDIR=$scratch/sandboxes
mkdir "$TMPDIR"
chmod 755 "$scratch" "$TMPDIR"
last_command='artel run slow.toml, then kill -9'
# A sandbox that is just being set up when its starter is killed may be left:
# so one at a time, and killed once the program itself runs.
sleeps() {
  local line
  for line in $(grep -slzxFf marker /proc/[0-9]*/cmdline); do
    [ "$(cat "${line%cmdline}comm" 2> /dev/null)" != sleep ] || return 0
  done
  return 1
}
"$ARTEL_BIN" run slow.toml --slots 1 > out 2> err < /dev/null &
pid=$!
wait_until 20 sleeps || fail "$last_command: no program was started"
kill -KILL "$pid"
wait "$pid" 2> /dev/null || true
wait_until 5 nothing_runs || fail "$last_command left $(marked) processes"
artel 0 run --range 1..4 --chunks 2 --reduce sum -- /usr/bin/echo 1
expect_result 2
[ -z "$(ls -A "$TMPDIR")" ] || fail "left in TMPDIR: $(ls -A "$TMPDIR")"
