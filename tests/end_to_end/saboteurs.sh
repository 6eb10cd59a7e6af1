#!/bin/bash
# Workers that lie: a minority changes nothing, is named and not paid; where
# honest workers are too few for a verdict, the task fails and nobody is paid.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

task=("$examples/primes/primes.toml" --range 1..1000000 --chunks 20 --local 5)

# expect_liars COUNT: so many workers dissented, none of them earned anything.
expect_liars() {
  local name agreed dissented earned
  liars=()
  nodes > all_nodes
  while read -r agreed dissented earned name; do
    [ "$dissented" -gt 0 ] || continue
    liars+=("$name")
    [ "$agreed" -eq 0 ] || fail "$name dissented and agreed"
    [ "$(micro "$earned")" -eq 0 ] || fail "$name lied and earned $earned"
  done < all_nodes
  [ "${#liars[@]}" -eq "$1" ] || fail "${#liars[@]} liars of $1: ${liars[*]}"
}

# One of five.
artel 0 run "${task[@]}" --saboteurs 1 -o json
[ "$(json result)" = 78498 ] || fail "the result is $(json result)"
check_settlement
expect_liars 1
[ "$(settlement paid)" -gt 0 ] || fail 'the honest workers were not paid'

# What a person sees: the same, and who lied.
artel 0 run "${task[@]}" --saboteurs 1
expect_result 78498
expect_message "${liars[0]}"
expect_message 'credits.*before.*after'

# One honest worker is no majority: no job has a verdict.
artel 4 run "${task[@]}" --saboteurs 4 -o json
expect_nothing_paid
[ "$(json jobs completed)" -eq 0 ] || fail 'a job completed without a verdict'
[ "$(json jobs failed)" -gt 0 ] || fail 'no job failed'
artel 4 run "${task[@]}" --saboteurs 4
expect_result ''
expect_message 'agree|verif'

# Two honest of five agree only where both are asked first, so some jobs have a
# verdict and others have none. Only the former are paid, and only to the honest.
artel 4 run "${task[@]}" --saboteurs 3 -o json
check_settlement
nodes > all_nodes
honest=$(awk '$3 + 0 > 0' all_nodes | wc -l)
[ "$honest" -le 2 ] || fail "$honest workers were paid; only two are honest"
if awk '$1 == 0 && $3 + 0 > 0' all_nodes | grep -q .; then
  fail 'a worker that agreed with nobody was paid'
fi
