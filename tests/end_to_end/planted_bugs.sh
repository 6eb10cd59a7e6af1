#!/bin/bash
# Simulation finds planted bugs (tests/planted): a swarm names the rule that each
# of them breaks and how to see it again; that does show it again; shrinking
# leaves a smaller world that still does, and that artel itself gets through.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

planted=$(dirname "$ARTEL_BIN")/planted

# with BUG CODE ARGUMENT...: the same as artel(), of the program with that bug.
with() {
  local bug=$1
  shift
  ARTEL_BIN=$planted/$bug artel "$@"
}

# finds BUG RULE SEEDS FLAG...: everything from the swarm to the smallest world.
# The flags are for all three commands.
finds() {
  local bug=$1 rule=$2 seeds=$3 seed replay full small
  shift 3
  [ -x "$planted/$bug" ] || fail "$planted/$bug is not there"

  with "$bug" 9 sim swarm --seeds "$seeds" --crypto modelled "$@"
  seed=$(sed -n "s/^seed \([0-9]*\): $rule\$/\1/p" out | head -n 1)
  [ -n "$seed" ] || fail "the swarm did not name '$rule' for $bug"
  replay=$(sed -n "s/^  artel \(sim replay $seed\( .*\)*\)\$/\1/p" out)
  [ -n "$replay" ] || fail "the swarm does not say how to replay seed $seed"

  # shellcheck disable=SC2086 # the words of a command
  with "$bug" 9 $replay --quiet "$@"
  grep -q "$rule" out || fail "$replay did not show '$rule'"

  # shellcheck disable=SC2086
  with "$bug" 0 $replay --script
  full=$(wc -l < out)
  # shellcheck disable=SC2086
  with "$bug" 9 ${replay/replay/shrink} --tries 200 --save small.json "$@"
  grep -q "^# $rule;" out || fail "the smaller world breaks another rule"
  small=$(wc -l < out)
  [ "$small" -lt "$full" ] || fail "$small lines after shrinking, before $full"
  with "$bug" 9 sim replay --plan small.json --quiet "$@"
  grep -q "$rule" out || fail "the smaller world did not show '$rule'"

  # It is the bug that fails, not the world.
  artel 0 sim replay --plan small.json --quiet "$@"
}

finds pays_early 'unverified result paid' 1..200
finds resolves_twice 'hold resolved once' 1..200
# A world that differs is run four times.
finds address_order 'not deterministic' 1..20 --check-determinism
