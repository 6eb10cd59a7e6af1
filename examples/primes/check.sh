#!/bin/sh
# Runs both task files and compares their results with the known counts.
# Usage: [ARTEL=PATH] check.sh
set -eu
here=$(dirname "$0")
artel=${ARTEL:-artel}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
trap 'exit 130' INT TERM HUP

for task in primes kernel; do
  expected=$(cat "$here/expected_$task.txt")
  if ! result=$("$artel" run "$here/$task.toml" 2> "$log"); then
    cat "$log" >&2
    echo "check: $task.toml failed" >&2
    exit 1
  fi
  if [ "$result" != "$expected" ]; then
    cat "$log" >&2
    echo "check: $task.toml gave '$result'; expected '$expected'" >&2
    exit 1
  fi
  echo "$task.toml: $result, as expected"
done
