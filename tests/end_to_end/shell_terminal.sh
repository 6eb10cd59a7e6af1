#!/bin/bash
# The prompt on a real terminal (tmux): completion, history, Ctrl-C, Ctrl-D; and
# the same commands where there is no terminal.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

# A server of its own, which reads nobody's settings.
export TMUX_TMPDIR=$scratch
unset TMUX
export LC_ALL=C.UTF-8
tmux() { command tmux -L prompt -f /dev/null "$@"; }
trap 'tmux kill-server 2> /dev/null || true; rm -rf "$scratch"' EXIT

# How long to wait for what is to appear, on a machine that is busy.
patience=60

screen() { tmux capture-pane -p -J -S - -t "shell$terminals"; }

# count REGEX: how many lines on the terminal match.
count() { screen | grep -cE -- "$1" || true; }

# await REGEX [TIMES]: until so many lines match (default: one).
await() {
  local end=$((SECONDS + patience))
  until [ "$(count "$1")" -ge "${2:-1}" ]; do
    if [ "$SECONDS" -ge "$end" ]; then
      screen | grep -v '^$' >&2 || true
      fail "no ${2:-1} lines '$1' on the terminal above within $patience s"
    fi
    sleep 0.05
  done
}

type_text() { tmux send-keys -t "shell$terminals" -l -- "$1"; }
press() { tmux send-keys -t "shell$terminals" "$@"; }
enter() {
  type_text "$1"
  press Enter
}

# begin [-e NAME=VALUE]: artel shell in a new terminal, which tells its exit code
# at the end.
terminals=0
begin() {
  terminals=$((terminals + 1))
  # shellcheck disable=SC2016 # for the shell in there
  tmux new-session -d -s "shell$terminals" -x 100 -y 40 "$@" \
    'TERM=xterm "$ARTEL_BIN" shell; echo "left with $?"; exec cat'
  await '^artel 0 s> *$'
}

begin
await "'help'"

# Completion: a command, what is possible, a name, and a figure.
type_text 'node ad'
press Tab
await '> node add *$'
enter 'worker 3'
type_text 'node '
press Tab
await '^add .*kill'
await '> node *$'
# Ctrl-C forgets the line; what is typed next is a line of its own.
type_text 'nonsense'
await '> node nonsense$'
press C-c
await '\^C'
enter 'echo alive'
await '^alive$'
type_text 'node ki'
press Tab
await '> node kill *$'
type_text 'worker-2'
press Enter
type_text 'show worker-2.sta'
press Tab
await '> show worker-2\.status *$'
press Enter
await '^down$'

# A mistake is told, and the session goes on.
enter 'nod add x'
await "no command 'nod"
enter 'expect worker-1.status == down'
await 'expected worker-1.status == down'
enter 'echo still alive'
await '^still alive$'

# History: the arrow keys bring lines back.
press Up
press Enter
await '^still alive$' 2

# A block goes on over lines.
enter 'repeat 2 as i'
await '^\.\.\.+>'
# shellcheck disable=SC2016 # for artel
enter '  echo turn-$i'
await '^\.\.\.+>' 2
enter 'end'
await '^turn-1$'
await '^turn-2$'
# Ctrl-C forgets a block that was begun.
enter 'repeat 1000'
await '^\.\.\.+>' 3
press C-c
enter 'echo no block'
await '^no block$'

# Ctrl-C stops a command that runs; the world stays as it is by then. Without
# it this one takes hours. A key that comes too early only forgets a line.
enter 'every 1ms set x = 1'
enter 'run 1000000s'
end=$((SECONDS + patience))
until [ "$(count 'interrupted')" -ge 1 ]; do
  [ "$SECONDS" -lt "$end" ] || fail 'Ctrl-C did not stop a command that runs'
  sleep 0.2
  press C-c
done
enter 'echo here again'
await '^here again$'
enter 'show world.nodes'
await '^3$'
enter 'expect worker-2.status == down and clock.now > 0s'
enter 'expect clock.now < 1000000s'
enter 'echo checked'
await '^checked$'
[ "$(count 'expected .*clock.now')" -eq 0 ] \
  || fail "the world is not as it was: $(screen)"
# The prompt tells the world's time, which is no longer 0.
await '^artel [1-9].*> echo checked$'

enter 'help'
await '^Nodes:$'
await '^ +node add +start nodes'

# Ctrl-D leaves, whatever failed before.
press C-d
await '^left with 0$'

# The history is kept, for its owner alone, and comes back.
history=$HOME/.local/state/artel/history
[ "$(stat -c %a "$history")" = 600 ] || fail 'the history is open to others'
grep -qx 'echo here again' "$history" || fail 'the history lacks a line'
begin
press Up
await '> help *$'
press Up
await '> echo checked *$'
press Enter
await '^checked$'
enter 'quit'
await '^left with 0$'

# It does without a history where there is no place for one.
mkdir -p home/sealed
: > home/sealed/artel
begin -e "XDG_STATE_HOME=$scratch/home/sealed"
enter 'echo no history'
await '^no history$'
press C-d
await '^left with 0$'

# Not a terminal: a script, which stops at the first mistake with its code.
printf '%s\n' 'node add a' 'show a.status' 'node kill b' 'echo not reached' \
  > wrong.artel
artel 2 shell wrong.artel
expect_result up
expect_message 'wrong\.artel:3:11: .*b'
code=0
"$ARTEL_BIN" shell < wrong.artel > out 2> err || code=$?
[ "$code" -eq 2 ] || fail "artel shell < wrong.artel ended with $code"
expect_result up
printf '%s\n' 'node add a' 'expect a.status == down' > unmet.artel
artel 9 shell unmet.artel
expect_message 'expected a\.status == down'
printf 'echo done\n' | "$ARTEL_BIN" shell > out 2> err \
  || fail 'a script that is piped in failed'
expect_result 'done'
