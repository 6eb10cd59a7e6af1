#!/bin/sh
# Checks the examples' programs by themselves, without artel: known results,
# and what they say to wrong input.
# Usage: check_programs.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP
failures=0

fail() {
  echo "check_programs: $*" >&2
  failures=$((failures + 1))
}

# expect OUTPUT COMMAND...: it succeeds and prints OUTPUT.
expect() {
  expected=$1
  shift
  if ! printed=$("$@" 2>&1); then
    fail "$* failed: $printed"
  elif [ "$printed" != "$expected" ]; then
    fail "$* printed '$printed'; expected '$expected'"
  fi
}

# expect_refusal CODE TEXT COMMAND...: it ends with CODE, says TEXT on standard
# error, and prints nothing. Standard input is empty.
expect_refusal() {
  code=0
  wanted_code=$1
  wanted_text=$2
  shift 2
  "$@" < /dev/null > "$scratch/out" 2> "$scratch/err" || code=$?
  [ "$code" -eq "$wanted_code" ] \
    || fail "$* ended with $code; expected $wanted_code"
  grep -qF -- "$wanted_text" "$scratch/err" \
    || fail "$* said '$(cat "$scratch/err")'; expected '$wanted_text'"
  [ ! -s "$scratch/out" ] || fail "$* printed something on failure"
}

check_primes() {
  primes=$here/primes/bin/primes
  expect 0 "$primes" 0 0
  expect 0 "$primes" 1 1
  expect 1 "$primes" 2 2
  expect 1 "$primes" 0 2
  expect 2 "$primes" 1 3
  expect 0 "$primes" 4 4
  expect 4 "$primes" 1 10
  expect 25 "$primes" 1 100
  expect 168 "$primes" 1 1000
  expect 78498 "$primes" 1 1000000
  expect 5761455 "$primes" 1 100000000
  # 997 is prime: nothing may be struck out below its square.
  expect 0 "$primes" 994009 994009
  expect 1 "$primes" 997 997
  # The first prime above 2^32, and the last below 10^15.
  expect 1 "$primes" 4294967296 4294967311
  expect 0 "$primes" 4294967296 4294967310
  expect 1 "$primes" 999999999999989 1000000000000000
  expect 0 "$primes" 999999999999990 1000000000000000
  expect_refusal 2 'expected two numbers' "$primes"
  expect_refusal 2 'expected two numbers' "$primes" 1 2 3
  expect_refusal 2 'expected a whole number, not -1' "$primes" -1 5
  expect_refusal 2 'expected a whole number, not 5x' "$primes" 1 5x
  expect_refusal 2 'an argument is empty' "$primes" '' 5
  expect_refusal 2 'above the last one' "$primes" 5 1
  expect_refusal 2 'numbers go up to' "$primes" 1 1000000000000001
  expect_refusal 2 'numbers go up to' "$primes" 1 99999999999999999999
}

check_wordcount() {
  count=$here/wordcount/count_words.sh
  merge=$here/wordcount/merge_counts.sh
  printf '%s' "--It's a Cat, a cat; 2 CATS: it's" > "$scratch/words"
  expected='      2 a
      2 cat
      1 cats
      2 it
      2 s'
  expect "$expected" "$count" "$scratch/words"
  expect "$expected" sh -c '"$1" < "$2"' sh "$count" "$scratch/words"
  printf '12 34' > "$scratch/words"
  expect '' "$count" "$scratch/words"
  expect_refusal 2 'cannot open' "$count" "$scratch/missing"

  printf '%s\n' '   1 b' '2 a' '   10 b' '9 c' '11 d' > "$scratch/counts"
  expected='11 b
11 d
9 c
2 a'
  expect "$expected" sh -c '"$1" < "$2"' sh "$merge" "$scratch/counts"
  # What it printed may be its input again.
  expect "$expected" sh -c '"$1" < "$2" | "$1"' sh "$merge" "$scratch/counts"
  expect '' sh -c '"$1" < /dev/null' sh "$merge"
  for line in 'word' '7' 'x word' '-1 word' '010 word'; do
    printf '%s\n' '1 a' "$line" > "$scratch/counts"
    expect_refusal 1 'expected lines' \
      sh -c '"$1" < "$2"' sh "$merge" "$scratch/counts"
  done
}

check_thumbnails() {
  thumbnail=$here/thumbnails/bin/thumbnail
  mkdir "$scratch/thumbnails"
  for image in "$here"/thumbnails/images/*.ppm; do
    "$thumbnail" 120 < "$image" \
      > "$scratch/thumbnails/$(basename "$image")" || fail "$image"
  done
  (cd "$scratch/thumbnails" && sha256sum -- *.ppm) > "$scratch/sums"
  diff -u "$here/thumbnails/expected.sha256" "$scratch/sums" >&2 \
    || fail 'thumbnails differ from expected.sha256'

  # Four pixels become their mean, and a picture that fits stays as it is.
  printf 'P6 # two by two\n2 2\n255\n000000222224' > "$scratch/four"
  printf 'P6\n1 1\n255\n112' > "$scratch/one"
  "$thumbnail" 1 < "$scratch/four" | cmp - "$scratch/one" \
    || fail 'a mean is wrong'
  "$thumbnail" 1 < "$scratch/one" | cmp - "$scratch/one" \
    || fail 'a picture that fits was changed'
  for input in 'P5 1 1 255 abc|not a binary PPM' \
    'P6 0 1 255 abc|width is not' 'P6 1 x 255 abc|height is not' \
    'P6 1 1 15 abc|8 bits' 'P6 1 1 255 ab|ends before' \
    'P6 1 1 255 abcd|bytes follow' '|not a binary PPM'; do
    printf '%s' "${input%%|*}" > "$scratch/picture"
    expect_refusal 2 "${input##*|}" \
      sh -c '"$1" 1 < "$2"' sh "$thumbnail" "$scratch/picture"
  done
  expect_refusal 2 'expected one argument' "$thumbnail"
  expect_refusal 2 'not 0' "$thumbnail" 0
  expect_refusal 2 'not 12x' "$thumbnail" 12x
}

check_flaky() {
  flaky=$here/flaky/bin/flaky
  expect 500500 "$flaky" 0 1 1000
  expect 7 "$flaky" 0 7 7
  # 134: 128 + SIGABRT.
  expect_refusal 134 'bad luck at 1..5' "$flaky" 100 1 5
  expect_refusal 134 'the table of constants is missing' \
    "$here/flaky/bin/broken"
  expect_refusal 2 'expected three numbers' "$flaky" 20 1
  expect_refusal 2 "not '101'" "$flaky" 101 1 5
  expect_refusal 2 "not '-1'" "$flaky" 20 -1 5
  expect_refusal 2 'above the last one' "$flaky" 20 5 1
}

check_primes
check_wordcount
check_thumbnails
check_flaky
[ "$failures" -eq 0 ] || exit 1
echo "The examples' programs do what they should"
