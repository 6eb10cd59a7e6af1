#!/bin/bash
# `artel job retry --failed` runs again what failed, and nothing else, from the
# receipts of the run before.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

# Nine files, and a program that fails every other time by chance. Without
# retries and with one replica, some jobs fail and some don't.
cat > copy_perhaps <<'END'
#!/bin/sh
byte=$(head -c 1 /dev/urandom | od -An -tu1)
[ "$byte" -lt 128 ] || exit 1
cat
END
chmod +x copy_perhaps
mkdir inputs
for i in 1 2 3 4 5 6 7 8 9; do echo "content $i" > "inputs/$i.txt"; done
printf '%s\n' '[task]' 'name = "copies"' 'type = "map"' \
  '[input]' 'files = ["inputs/*.txt"]' '[code]' 'program = "copy_perhaps"' \
  '[verification]' 'replicas = 1' '[config]' 'max_attempts = 1' > copies.toml

# run_once CODES ARGUMENT...: like artel, with any of several exit codes.
run_once() {
  local codes=$1
  code=0
  shift
  last_command="artel $*"
  "$ARTEL_BIN" "$@" -o json > out 2> err || code=$?
  case " $codes " in
    *" $code "*) ;;
    *) fail "$last_command ended with $code; expected one of $codes" ;;
  esac
  check_settlement
}

# All nine end well once in 512 times: then there is nothing to retry yet.
for _ in 1 2 3 4 5; do
  rm -rf results receipts.*
  run_once '0 3' job run copies.toml --results results --receipts receipts.0
  [ "$code" -eq 0 ] || break
done
[ "$code" -eq 3 ] || fail 'no job failed in 45 runs with a chance of one half'

round=0
failed=$(json jobs failed)
while [ "$code" -ne 0 ]; do
  [ "$failed" -gt 0 ] || fail 'the task failed, and no job did'
  # 9 x 0.5^30: once in a hundred million times.
  [ "$round" -lt 30 ] || fail "still $failed jobs fail after 30 rounds"
  run_once '0 3' job retry --failed "receipts.$round" --results results \
    --receipts "receipts.$((round + 1))"
  [ "$(json jobs total)" -eq "$failed" ] \
    || fail "$failed jobs failed, $(json jobs total) were run again"
  failed=$(json jobs failed)
  round=$((round + 1))
  artel 0 receipt verify "receipts.$round"
done

# Each file's copy is there, once.
cat inputs/* | sort > expected
cat results/* | sort > copied
diff expected copied > differences || fail "results: $(cat differences)"

# Nothing failed in the last round.
artel 2 job retry --failed "receipts.$round"
expect_message 'nothing|no job'
