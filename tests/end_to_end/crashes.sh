#!/bin/bash
# Programs that crash: by chance, and the task ends right after retries; always,
# and the task fails with the program's own words, its credits returned.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

artel 0 run "$examples/flaky/flaky.toml" -o json
[ "$(json result)" = 500500 ] || fail "the result is $(json result)"
# 150 runs or more, so that none crashes once in 3 x 10^14 times.
[ "$(json retries)" -gt 0 ] || fail 'no retry was counted'
[ "$(json jobs completed)" -eq 50 ] || fail 'not all of the 50 jobs completed'
check_settlement

artel 3 run "$examples/flaky/broken.toml" -o json
expect_nothing_paid
[ "$(json jobs failed)" -eq 1 ] || fail 'the job does not count as failed'
# Two attempts for each of three replicas: all but the first three are retries.
[ "$(json retries)" -ge 3 ] || fail "$(json retries) retries; expected 3"

artel 3 run "$examples/flaky/broken.toml"
expect_result ''
expect_message 'broken: the table of constants is missing'

# An exit code other than 0 is a failure too, whatever was printed before.
artel 3 run --range 1..3 --reduce sum --max-attempts 1 \
  -- /usr/bin/sh -c 'echo 1; echo "no luck with {first}" >&2; exit 9'
expect_result ''
expect_message 'no luck with'

# A program that takes too long, by the task's own time.
artel 5 run --range 1..3 --timeout 1s -o json -- /usr/bin/sleep 60
expect_nothing_paid
