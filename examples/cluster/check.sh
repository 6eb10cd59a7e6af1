#!/bin/sh
# Runs start.sh and compares what the two tasks gave.
# Usage: [ARTEL=PATH] check.sh
set -eu
here=$(dirname "$0")
out=$(mktemp)
trap 'rm -f "$out"' EXIT
trap 'exit 130' INT TERM HUP
"$here/start.sh" > "$out" 2>&1 || { cat "$out" >&2 && exit 1; }
expected=$(cat "$here/../primes/expected_primes.txt")
found=$(grep -cx "$expected" "$out" || true)
if [ "$found" -ne 2 ]; then
  cat "$out" >&2
  echo "check: $found of 2 tasks gave $expected" >&2
  exit 1
fi
echo "start.sh: both tasks gave $expected, as expected"
