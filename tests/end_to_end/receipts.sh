#!/bin/bash
# A task's receipts prove themselves offline: verification passes as they are,
# and fails, naming the line, when any field of any kind of line is changed.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

# One liar, so that there are dissenting receipts too.
artel 0 run "$examples/primes/primes.toml" --range 1..1000000 --chunks 10 \
  --local 5 --saboteurs 1 -o json --receipts receipts.jsonl
[ "$(json result)" = 78498 ] || fail "the result is $(json result)"
[ "$(json jobs completed)" = 10 ] || fail 'not all of the 10 jobs completed'
check_settlement

grep '"receipt":' receipts.jsonl > runs || fail 'there is no receipt'
grep '"verdict":' receipts.jsonl > verdicts || fail 'there is no verdict'
[ "$(wc -l < runs)" -ge 30 ] || fail "only $(wc -l < runs) receipts for 30 runs"
[ "$(wc -l < verdicts)" -eq 10 ] || fail "$(wc -l < verdicts) verdicts of 10"
for field in job worker code input output price wall_time_used_ms proof; do
  if grep -v "\"$field\":" runs > without; then
    fail "a receipt has no field $field: $(head -n 1 without)"
  fi
done

artel 0 receipt verify receipts.jsonl
artel 2 receipt verify missing.jsonl
expect_message 'missing\.jsonl'

# samples: the number of the first line of each kind; lines are of a kind when
# they have the same fields.
samples() {
  awk '{
    rest = $0
    split("", seen)
    kind = ""
    while (match(rest, /"[a-z_]+":/)) {
      key = substr(rest, RSTART, RLENGTH)
      if (!(key in seen)) {
        seen[key] = 1
        kind = kind key
      }
      rest = substr(rest, RSTART + RLENGTH)
    }
    if (!(kind in kinds)) {
      kinds[kind] = 1
      print NR
    }
  }' "$1"
}

# value_offsets FILE LINE: where each value of that line begins.
value_offsets() {
  awk -v wanted="$2" 'NR == wanted {
    rest = $0
    gone = 0
    while (match(rest, /":[ "[{]*/)) {
      gone += RSTART + RLENGTH - 1
      print gone + 1
      rest = substr($0, gone + 1)
    }
  }' "$1"
}

# change_byte FILE LINE OFFSET: that byte becomes another one; digits stay
# digits and letters of hashes stay such.
change_byte() {
  awk -v wanted="$2" -v offset="$3" 'NR == wanted {
    old = substr($0, offset, 1)
    from = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    to = "1234567890bcdefahijklmnopqrstuvwxyzgBCDEFGHIJKLMNOPQRSTUVWXYZA"
    at = index(from, old)
    new = at ? substr(to, at, 1) : "~"
    $0 = substr($0, 1, offset - 1) new substr($0, offset + 1)
  }
  { print }' "$1"
}

checked=0
for line in $(samples receipts.jsonl); do
  for offset in $(value_offsets receipts.jsonl "$line"); do
    change_byte receipts.jsonl "$line" "$offset" > changed.jsonl
    if cmp -s receipts.jsonl changed.jsonl; then fail 'nothing was changed'; fi
    code=0
    "$ARTEL_BIN" receipt verify changed.jsonl > out 2> err || code=$?
    where="byte $offset of line $line, now: $(sed -n "${line}p" changed.jsonl \
      | cut -c "$((offset > 30 ? offset - 30 : 1))-$((offset + 20))")"
    [ "$code" -ne 0 ] || fail "verification did not see $where"
    [ "$code" -lt 128 ] || fail "verification died ($code) of $where"
    grep -qw -- "$line" err || fail "the message does not name line $line"
    checked=$((checked + 1))
  done
done
[ "$checked" -ge 20 ] || fail "only $checked fields were changed"
