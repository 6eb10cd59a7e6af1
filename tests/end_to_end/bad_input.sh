#!/bin/bash
# Whatever is wrong with a task is said in one message that names the place, and
# the exit code tells its kind. Nothing is printed as a result.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

# refused CODE REGEX ARGUMENT...: artel ends with CODE and one message.
refused() {
  local code=$1 regex=$2
  shift 2
  artel "$code" "$@"
  expect_result ''
  expect_message "$regex"
  # A second line may say where to find help.
  [ "$(grep -c . err)" -le 2 ] || fail "$last_command said more than one thing"
}

# task NAME LINE...: a sound task file, with lines appended to its last section,
# which is [input]; they begin in line 10.
task() {
  local name=$1
  shift
  printf '%s\n' '[task]' 'name = "trial"' 'type = "range_reduce"' \
    '[code]' 'kernel = "count_primes"' '[reduce]' 'op = "sum"' \
    '[input]' '# What follows differs.' "$@" > "$name"
}

echo 'Files'
task sound.toml 'range = "1..100"'
artel 0 run sound.toml
expect_result 25
refused 2 'missing\.toml' run missing.toml
refused 2 'directory' run "$scratch"
task unknown_key.toml 'range = "1..100"' 'chunk = 3'
refused 2 "unknown_key\.toml:11.*'?(input\.)?chunk'?.*chunks" run unknown_key.toml
task unknown_section.toml 'range = "1..100"' '[limit]' 'memory = "1MiB"'
refused 2 'unknown_section\.toml:11.*limits' run unknown_section.toml
task wrong_type.toml 'range = "1..100"' 'chunks = "many"'
refused 2 'wrong_type\.toml:11.*chunks' run wrong_type.toml
task no_toml.toml 'range = "1..100' 'chunks = 2'
refused 2 'no_toml\.toml:10' run no_toml.toml
task wrong_word.toml 'range = "1..100"'
sed -i 's/range_reduce/range_reduse/' wrong_word.toml
refused 2 'range_reduse.*range_reduce' run wrong_word.toml

echo 'Ranges and chunks'
task reversed.toml 'range = "10..1"'
refused 2 'range' run reversed.toml
task too_large.toml 'range = "1..9223372036854775808"'
refused 2 'range.*9223372036854775807' run too_large.toml
task no_range.toml 'range = "1-100"'
refused 2 'range.*1-100' run no_range.toml
task no_chunks.toml 'range = "1..100"' 'chunks = 0'
refused 2 'chunks' run no_chunks.toml
# Flags go through the same checks.
refused 2 'range' run sound.toml --range 10..1
refused 2 'chunks' run sound.toml --chunks 0
refused 2 'chunks' run sound.toml --chunks=-1
refused 2 'replicas' run sound.toml --replicas 0
refused 2 'reduce.*summ.*sum' run sound.toml --reduce summ
refused 2 'no-such-flag' run sound.toml --no-such-flag
refused 2 "'?jab'?" jab run sound.toml

echo 'Credits'
refused 7 'budget' run sound.toml --budget 0.000001
task dear.toml 'range = "1..100"' 'chunks = 100' '[config]' 'estimate = "10m"' \
  '[limits]' 'wall_time = "10m"'
refused 7 'credits' run dear.toml

echo 'Programs'
refused 2 'no_program' run --range 1..10 --reduce sum -- ./no_program
echo 'echo 1' > not_executable
refused 2 'not_executable.*chmod' \
  run --range 1..10 --reduce sum -- ./not_executable
mkdir a_directory
refused 2 'a_directory' run --range 1..10 --reduce sum -- ./a_directory
task no_kernel.toml 'range = "1..100"'
sed -i 's/count_primes/count_prims/' no_kernel.toml
refused 2 'count_prims' run no_kernel.toml
refused 2 '\*\.nothing' run --each './*.nothing' -- /usr/bin/cat '{file}'

echo 'Outputs'
artel 3 run --range 1..3 --chunks 1 --reduce sum -- /usr/bin/echo hello
expect_result ''
expect_message "'?hello.*number"
artel 3 run --range 1..3 --chunks 1 --reduce concatenate \
  -- /usr/bin/head -c 2000000 /dev/zero
expect_result ''
expect_message '1048576'

echo 'Workers and sandboxes'
refused 6 'worker' run sound.toml --local 2 --replicas 3
mkdir empty
cp "$examples/primes/bin/primes" primes
program=(run --range 1..10 --reduce sum -- ./primes '{first}' '{last}')
artel 0 "${program[@]}"
expect_result 4
search_path=$PATH
# without_sandbox DIRECTORY REGEX: with bubblewrap looked for in DIRECTORY alone.
without_sandbox() {
  local code=0
  last_command="artel ${program[*]} (PATH=$1)"
  PATH=$1 "$ARTEL_BIN" "${program[@]}" > out 2> err || code=$?
  [ "$code" -eq 8 ] || fail "$last_command ended with $code; expected 8"
  expect_result ''
  expect_message "$2"
}
without_sandbox "$scratch/empty" 'bubblewrap|bwrap'
mkdir forbidden
printf '%s\n' '#!/bin/sh' \
  'echo "bwrap: No permissions to create new namespace" >&2' 'exit 1' \
  > forbidden/bwrap
chmod +x forbidden/bwrap
# Root gives up its rights before it starts bubblewrap.
chmod 755 "$scratch" forbidden
without_sandbox "$scratch/forbidden" 'namespace'
# Kernels need no sandbox.
PATH=$scratch/empty "$ARTEL_BIN" run sound.toml > out 2> err \
  || fail 'a kernel did not run without bubblewrap'
PATH=$search_path
expect_result 25
