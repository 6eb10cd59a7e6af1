# What the end-to-end scripts share; read in by each of them, not run.
# Needs ARTEL_BIN (the binary) and ARTEL_ROOT (the repository). Works in a
# directory of its own, which goes away at the end.
# shellcheck shell=bash
set -euo pipefail
: "${ARTEL_BIN:?the artel binary}" "${ARTEL_ROOT:?the root of the repository}"

here=$ARTEL_ROOT/tests/end_to_end
# shellcheck disable=SC2034 # read by the scripts
examples=$ARTEL_ROOT/examples
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP
cd "$scratch"
# Nothing of this user's own settings and keys.
mkdir home
export HOME=$scratch/home
unset XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME

# fail MESSAGE...: ends the script, and shows what artel said last.
fail() {
  {
    echo "FAILED: $*"
    for stream in out err; do
      [ -s "$scratch/$stream" ] || continue
      echo "--- artel's std$stream, the last lines:"
      tail -n 30 "$scratch/$stream"
    done
  } >&2
  exit 1
}

# artel CODE ARGUMENT...: runs artel, which has to end with CODE. What it writes
# goes to $scratch/out and $scratch/err.
artel() {
  local wanted=$1 code=0
  shift
  last_command="artel $*"
  "$ARTEL_BIN" "$@" > "$scratch/out" 2> "$scratch/err" < /dev/null || code=$?
  [ "$code" -eq "$wanted" ] \
    || fail "$last_command ended with exit code $code; expected $wanted"
}

# expect_result TEXT: the result on standard output is TEXT, and nothing else.
expect_result() {
  local result
  result=$(cat "$scratch/out")
  [ "$result" = "$1" ] \
    || fail "$last_command printed '$result'; expected '$1'"
}

# expect_message REGEX: standard error has a line that matches, in any case.
expect_message() {
  grep -qiE -- "$1" "$scratch/err" \
    || fail "$last_command did not say anything like '$1'"
}

# The JSON document on artel's standard output. Where it keeps what the scripts
# ask for is said here alone:
#   result, retries, jobs.{total,completed,failed}, nodes[], settlement.{...}
# Credits are decimal numbers.

# json KEY...: the value below these keys.
json() {
  cmake "-DFILE=$scratch/out" "-DKEYS=$(IFS=';' && echo "$*")" \
    -P "$here/json.cmake" 2> "$scratch/json_error" \
    || fail "$last_command: no '$*' in its JSON: $(cat "$scratch/json_error")"
}

# nodes: a line "AGREED DISSENTED EARNED NAME" for each worker.
nodes() {
  cmake "-DFILE=$scratch/out" -DKEYS=nodes \
    '-DCOLUMNS=agreed;dissented;earned;name' -P "$here/json.cmake" \
    2> "$scratch/json_error" \
    || fail "$last_command: nodes in its JSON: $(cat "$scratch/json_error")"
}

# micro CREDITS: millionths, so that the shell can add them up.
micro() {
  local whole=${1%%.*} fraction=
  [[ $1 =~ ^[0-9]+(\.[0-9]{1,6})?$ ]] || fail "'$1' is not an amount of credits"
  if [[ $1 == *.* ]]; then fraction=${1#*.}; fi
  fraction=${fraction}000000
  echo $((10#$whole * 1000000 + 10#${fraction:0:6}))
}

# settlement KEY: one of its amounts, in millionths.
settlement() {
  local amount
  amount=$(json settlement "$1")
  micro "$amount"
}

# check_settlement: what was held was paid or came back, workers earned what the
# client paid, and no credit was lost or made.
check_settlement() {
  local held paid refunded earned=0 amount
  held=$(settlement held)
  paid=$(settlement paid)
  refunded=$(settlement refunded)
  [ "$held" -gt 0 ] || fail "$last_command: nothing was held"
  [ "$held" -eq $((paid + refunded)) ] \
    || fail "$last_command: held $held, but paid $paid and refunded $refunded"
  [ $(($(settlement balance_before) - paid)) -eq \
    "$(settlement balance_after)" ] \
    || fail "$last_command: the balance did not go down by the $paid paid"
  [ "$(settlement network_before)" -eq "$(settlement network_after)" ] \
    || fail "$last_command: credits were lost or made"
  nodes > "$scratch/nodes"
  while read -r _ _ amount _; do
    earned=$((earned + $(micro "$amount")))
  done < "$scratch/nodes"
  [ "$earned" -eq "$paid" ] \
    || fail "$last_command: workers earned $earned, the client paid $paid"
}

# expect_nothing_paid: all that was held came back.
expect_nothing_paid() {
  check_settlement
  [ "$(settlement paid)" -eq 0 ] || fail "$last_command: something was paid"
}

# wait_until SECONDS COMMAND...: whether it succeeded in time.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.05
  done
}

# mark: from here on $marker is an argument that no other process of this machine
# has; programs that are given it can be counted.
mark() {
  marker=600.000$$
  echo "$marker" > marker
}
# marked: how many processes have it. From a file, or grep would count itself.
marked() {
  { grep -slzxFf marker /proc/[0-9]*/cmdline || true; } | wc -l
}
programs_run() { [ "$(marked)" -ge 1 ]; }
nothing_runs() { [ "$(marked)" -eq 0 ]; }
# ended: whether the process $pid has.
ended() { ! kill -0 "$pid" 2> /dev/null; }
