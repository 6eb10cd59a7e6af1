#!/bin/sh
# The flaky task has to end with the right sum; the broken one has to fail with
# the exit code for that, and show what the program said.
# Usage: [ARTEL=PATH] check.sh
set -eu
here=$(dirname "$0")
artel=${ARTEL:-artel}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM HUP

give_up() {
  cat "$log" >&2
  echo "check: $*" >&2
  exit 1
}

expected=$(cat "$here/expected_flaky.txt")
result=$("$artel" run "$here/flaky.toml" 2> "$log") || give_up 'flaky.toml failed'
[ "$result" = "$expected" ] \
  || give_up "flaky.toml gave '$result'; expected '$expected'"
echo "flaky.toml: $result, as expected"

code=0
result=$("$artel" run "$here/broken.toml" 2> "$log") || code=$?
[ "$code" -eq 3 ] || give_up "broken.toml ended with $code; expected 3"
[ -z "$result" ] || give_up "broken.toml printed '$result' as a result"
grep -q 'the table of constants is missing' "$log" \
  || give_up 'what broken.toml said does not show why'
echo "broken.toml: failed and said why, as expected"
