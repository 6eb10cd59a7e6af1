#!/bin/bash
# artel sandbox run and artel sandbox check: one program, isolated as a worker
# would; and what isolates it here.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

# What runs leave behind would be here.
export TMPDIR=$scratch/runs
mkdir "$TMPDIR" empty
chmod 755 "$scratch" "$TMPDIR" empty

# refused REGEX ARGUMENT...: exit code 2, one message, no result.
refused() {
  local regex=$1
  shift
  artel 2 "$@"
  expect_result ''
  expect_message "$regex"
  [ "$(grep -c . err)" -eq 1 ] || fail "$last_command said more than one thing"
}

# layer NAME: its state, as the last check told it.
layer() {
  local name
  name=$(printf '%-24s' "$1")
  sed -n "s/^$name\\([a-z]*\\).*/\\1/p" checks
}

# without_sandbox CODE ARGUMENT...: where there is no bubblewrap.
without_sandbox() {
  local wanted=$1 code=0
  shift
  last_command="artel $* (without bubblewrap)"
  PATH=$scratch/empty "$ARTEL_BIN" "$@" > out 2> err < /dev/null || code=$?
  [ "$code" -eq "$wanted" ] \
    || fail "$last_command ended with $code; expected $wanted"
}

script() {
  printf '%s\n' '#!/bin/sh' "$@" > "${script_name:-job.sh}"
  chmod +x "${script_name:-job.sh}"
}

test_check() {
  echo 'Layers'
  artel 0 sandbox check
  cp out checks
  [ "$(tail -n 1 out)" = 'full isolation' ] || fail 'the verdict is another'
  for name in bubblewrap 'user namespace' namespaces 'system call filter' \
    'no new privileges' capabilities 'root given up' 'read-only files' \
    'no network' 'resource limits'; do
    [ "$(layer "$name")" = active ] || fail "layer '$name' is not active"
  done
  for name in Landlock 'control groups' 'WebAssembly interpreter' \
    'WebAssembly compiler' 'container runtime' cache; do
    [ -n "$(layer "$name")" ] || fail "nothing is told about '$name'"
  done
  artel 0 sandbox check -o json
  [ "$(json isolation)" = full ] || fail 'JSON tells another verdict'
  [ "$(json layers 1 name)" = bubblewrap ] || fail 'no layers in JSON'
  [ "$(json layers 1 state)" = active ] || fail 'no states in JSON'
  without_sandbox 8 sandbox check
  tail -n 1 out | grep -q '^no sandbox: .*apt install bubblewrap' \
    || fail 'the verdict does not tell what is missing'
  refused 'isolation.*full or reduced' sandbox check --isolation none
  refused 'json' sandbox check -o yaml
}

test_output() {
  echo 'Output'
  # shellcheck disable=SC2016 # for the script
  script 'printf "bytes \\000\\377 $1"' 'echo "said $2" >&2' 'exit "${3:-0}"'
  artel 0 sandbox run -- ./job.sh a b
  printf 'bytes \000\377 a' | cmp - out || fail "$last_command changed output"
  expect_message '^said b$'
  expect_message '^job\.sh: completed$'
  expect_message 'exit code +0$'
  expect_message 'wall time +[0-9]+ ms of 10 s$'
  expect_message 'memory .*(control group|every 50 ms)'
  expect_message 'isolation +full: .*namespaces'
  artel 3 sandbox run -- ./job.sh a b 7
  printf 'bytes \000\377 a' | cmp - out || fail "$last_command lost output"
  expect_message 'nonzero_exit: ended with exit code 7'
  artel 3 sandbox run -q -- ./job.sh a b 7
  [ "$(wc -l < err)" -eq 2 ] || fail "$last_command was not quiet"
  artel 3 sandbox run -o json -- ./job.sh a b 7
  [ "$(json outcome)/$(json exit_code)" = nonzero_exit/7 ] || fail 'outcome'
  [ "$(json stderr)" = 'said b' ] || fail 'standard error in JSON'
  [ "$(json output base64)" = Ynl0ZXMgAP8gYQ== ] || fail 'output in JSON'
  artel 3 sandbox run -o json -- /bin/sh -c 'kill -SEGV $$'
  [ "$(json outcome)/$(json signal)" = crashed/11 ] || fail 'the signal'
}

test_input() {
  echo 'Input'
  printf 'one\ntwo\n' > data.txt
  artel 0 sandbox run --stdin data.txt -- /usr/bin/wc -l
  expect_result 2
  "$ARTEL_BIN" sandbox run --stdin - -- /usr/bin/wc -l < data.txt > out 2> err \
    || fail 'sandbox run does not read standard input'
  expect_result 2
  artel 0 sandbox run -- /usr/bin/wc -c
  expect_result 0
  artel 0 sandbox run --input-file data.txt -- /usr/bin/wc -l
  expect_result 2
  artel 0 sandbox run --input-file data.txt -- /usr/bin/wc -l '{file}'
  expect_result '2 /input/data.txt'
  artel 0 sandbox run --range 3..1e3 --index 5 -- \
    /usr/bin/echo '{first} {last} {index} {{}}'
  expect_result '3 1000 5 {}'
  mkdir -p sub
  echo more > sub/more.txt
  artel 0 sandbox run --file data.txt --file sub/more.txt -- \
    /usr/bin/cat data.txt sub/more.txt
  expect_result 'one
two
more'
}

test_limits() {
  echo 'Limits'
  artel 5 sandbox run --wall-time 300ms -o json -- /usr/bin/sleep 60
  [ "$(json outcome)" = timeout ] || fail 'the wall time'
  artel 5 sandbox run --cpu-time 200ms -o json -- \
    /bin/sh -c 'while :; do :; done'
  [ "$(json outcome)" = cpu_limit ] || fail 'the processor time'
  artel 3 sandbox run --memory 32MiB -o json -- /bin/sh -c \
    'head -c 200000000 /dev/zero | tail -c 190000000 | wc -c'
  [ "$(json outcome)" = memory_limit ] || fail 'the memory'
  artel 3 sandbox run --stdout-limit 1KiB -o json -- \
    /usr/bin/head -c 2000 /dev/zero
  [ "$(json outcome)" = output_limit ] || fail 'the output'
  artel 3 sandbox run --file-size 1KiB -o json -- \
    /bin/sh -c 'exec head -c 2000 /dev/zero > big'
  [ "$(json outcome)" = file_size_limit ] || fail 'the file size'
  artel 0 sandbox run --open-files 17 -- /bin/sh -c 'ulimit -n'
  expect_result 17
  artel 0 sandbox run --stderr-tail 4 -o json -- /bin/sh -c 'echo 1234567 >&2'
  [ "$(json stderr)" = 567 ] || fail 'the end of standard error'
  artel 3 sandbox run -- /usr/bin/no-such-program
  expect_message 'exec_failed.*not found'
  artel 3 sandbox run -- /usr/bin/unshare -U true
}

test_output_files() {
  echo 'Output files'
  # shellcheck disable=SC2016 # for the script
  script 'mkdir "$ARTEL_OUTPUT/d"' 'echo first > /output/d/a.txt' \
    'printf "\\377" > /output/b.bin'
  artel 0 sandbox run --output-dir results -- ./job.sh
  expect_message 'files +2, 7 bytes, in results$'
  expect_message 'd/a\.txt, 6 bytes$'
  [ "$(cat results/d/a.txt)" = first ] || fail 'a file in a directory'
  printf '\377' | cmp - results/b.bin || fail 'a file of bytes'
  artel 2 sandbox run --output-dir results -- ./job.sh
  expect_message "results/b\\.bin' exists.*--force"
  artel 0 sandbox run --output-dir results --force -- ./job.sh
  artel 0 sandbox run --output-files 1MiB -o json -- ./job.sh
  [ "$(json files 1 name)/$(json files 1 data)" = d/a.txt/first ] \
    || fail 'files in JSON'
  [ "$(json files 0 data base64)" = /w== ] || fail 'bytes in JSON'
  # More than there is room for; nothing is written then.
  artel 3 sandbox run --output-dir other --output-files 64KiB -- \
    /bin/sh -c 'head -c 100000 /dev/zero > /output/x'
  [ -z "$(ls -A other)" ] || fail 'files of a failed run were written'
  # Links never lead out.
  artel 3 sandbox run --output-dir other -- /bin/sh -c \
    'ln -s /etc/hostname /output/x; exit 1'
  [ -z "$(ls -A other)" ] || fail 'a link was followed'
  artel 0 sandbox run -- /bin/sh -c '[ ! -e /output ]'
  echo file > taken
  artel 1 sandbox run --output-dir taken -- ./job.sh
  expect_message "taken"
}

test_bad_input() {
  echo 'Bad input'
  echo 'echo 1' > not_executable
  refused 'nothing to run' sandbox run
  refused 'no_such' sandbox run -- ./no_such
  refused 'chmod' sandbox run -- ./not_executable
  refused 'outside /usr' sandbox run -- /root/program
  refused '--memory' sandbox run --memory much -- /bin/true
  refused '--processes' sandbox run --processes 0 -- /bin/true
  artel 2 sandbox run --memory 0 --wall-time 0s -- /bin/true
  [ "$(wc -l < err)" -eq 2 ] || fail 'not both wrong limits are told'
  refused '\{first\}' sandbox run -- /bin/echo '{first}'
  refused '\{file\}' sandbox run --range 1..2 -- /bin/echo '{file}'
  refused 'brace' sandbox run -- /usr/bin/awk '{print}'
  refused '--range' sandbox run --range 2..1 -- /bin/true
  refused '--index' sandbox run --index x -- /bin/true
  refused 'one of them' \
    sandbox run --range 1..2 --input-file data.txt -- /bin/true
  refused 'standard input' \
    sandbox run --stdin data.txt --input-file data.txt -- /bin/cat
  refused '--tier' sandbox run --tier compiled -- /bin/true
  refused '--type' sandbox run --type vm -- /bin/true
  refused '--rootfs' sandbox run --type process --rootfs x.tar -- /bin/true
  refused "did you mean '--memory'" sandbox run --memroy 1MiB -- /bin/true
  refused 'directory' sandbox run --input-file sub -- /bin/cat
  mkfifo pipe
  refused 'regular file' sandbox run --input-file pipe -- /bin/cat
  refused 'no_bundle' sandbox run --bundle no_bundle
  refused 'one of them' sandbox run --bundle no_bundle -- /bin/true
  without_sandbox 8 sandbox run -- /bin/true
  expect_message 'sandbox_unavailable.*bubblewrap'
}

test_reduced() {
  echo 'Reduced isolation'
  artel 8 sandbox check --isolation reduced
  tail -n 1 out | grep -q '^reduced isolation: without user namespace, ' \
    || fail 'the verdict is another'
  artel 0 sandbox run --isolation reduced -- /usr/bin/echo hello
  expect_result hello
  expect_message 'isolation +reduced: no namespaces'
  without_sandbox 0 sandbox run --isolation reduced -- /usr/bin/echo hello
  expect_result hello
}

mark

test_interrupt() {
  echo 'Interrupts'
  # In a bundle, for artel's own command line would have it, too.
  artel 0 bundle pack -O sleep.bundle /usr/bin/sleep "$marker"
  last_command='artel sandbox run, interrupted'
  # Without job control, background commands ignore SIGINT.
  set -m
  "$ARTEL_BIN" sandbox run --wall-time 11m -o json --bundle sleep.bundle \
    > out 2> err < /dev/null &
  pid=$!
  set +m
  if ! wait_until 20 programs_run; then
    kill -KILL -- "-$pid" || true
    fail 'no program was started'
  fi
  kill -INT -- "-$pid"
  if ! wait_until 10 ended; then
    kill -KILL -- "-$pid" || true
    fail 'it did not end within 10 s of SIGINT'
  fi
  code=0
  wait "$pid" || code=$?
  [ "$code" -eq 130 ] || fail "it ended with $code; expected 130"
  [ "$(json outcome)" = cancelled ] || fail 'the outcome is not cancelled'
  wait_until 2 nothing_runs || fail "it left $(marked) processes"
}

# completed WORD...: what is proposed for the last word.
completed() {
  # shellcheck disable=SC2016 # for the other shell
  bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
    _artel; echo "${COMPREPLY[*]}"' bash "$scratch/completion" "$@"
}

test_help() {
  echo 'Help and completion'
  artel 0 help sandbox
  grep -q 'sandbox run' out || fail 'sandbox run is not listed'
  grep -q 'sandbox check' out || fail 'sandbox check is not listed'
  artel 0 help sandbox run
  for word in --type --tier --nan --rootfs --stdin --wall-time --memory \
    --output-dir --isolation --fuel 'default: 256MiB' Examples '130'; do
    grep -q -- "$word" out || fail "help sandbox run does not tell $word"
  done
  artel 0 completion bash
  cp out completion
  [ "$(completed artel sandbox '')" = 'run check' ] || fail 'verbs'
  [ "$(completed artel sandbox run --type '')" = 'process wasm container' ] \
    || fail 'values of --type'
  [ "$(completed artel sandbox run --nan c)" = canonical ] || fail '--nan'
  [ "$(completed artel sandbox run --isol)" = --isolation ] || fail 'options'
  [ "$(completed artel sandbox check -o '')" = 'table json' ] || fail '-o'
}

# -- other kinds of code ------------------------------------------------------

# Where the check calls a kind absent, a run tells the same and ends with 8.
absent_kind() {
  echo "  absent here: $1"
  shift
  artel 8 sandbox run -o json "$@"
  [ "$(json outcome)" = sandbox_unavailable ] || fail 'the outcome is another'
  [ -n "$(json detail)" ] || fail 'no reason is told'
}

make_modules() {
  # Prints "ARGUMENTS" 0..9 as a digit, and ends with 3 where there are four.
  cat > count.wat << 'END'
(module
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $sizes (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $sizes (i32.const 0) (i32.const 4)))
    (i32.store8 (i32.const 16)
      (i32.add (i32.const 48) (i32.load (i32.const 0))))
    (i32.store8 (i32.const 17) (i32.const 10))
    (i32.store (i32.const 32) (i32.const 16))
    (i32.store (i32.const 36) (i32.const 2))
    (drop (call $write
      (i32.const 1) (i32.const 32) (i32.const 1) (i32.const 40)))
    (if (i32.eq (i32.load (i32.const 0)) (i32.const 4))
      (then (call $exit (i32.const 3))))))
END
  echo '(module (memory (export "memory") 1)
    (func (export "_start") unreachable))' > trap.wat
  echo '(module (memory (export "memory") 1)
    (func (export "_start") (loop (br 0))))' > endless.wat
  echo '(module (import "env" "launch" (func)) (memory (export "memory") 1)
    (func (export "_start")))' > foreign.wat
  for name in count trap endless foreign; do
    wat2wasm "$name.wat" -o "$name.wasm"
  done
  printf '\0asm no module' > broken.wasm
}

test_interpreted() {
  local fuel
  artel 0 sandbox run --tier interpreted -o json -- ./count.wasm a b
  [ "$(json output)" = 3 ] || fail 'the output of a module'
  fuel=$(json fuel_used)
  [ "$fuel" -gt 0 ] || fail 'instructions are not counted'
  artel 0 sandbox run --tier interpreted --fuel "$fuel" -- ./count.wasm a b
  expect_message "fuel +$fuel instructions of $fuel"
  artel 3 sandbox run --tier interpreted --fuel $((fuel - 1)) -o json -- \
    ./count.wasm a b
  [ "$(json outcome)" = fuel_exhausted ] || fail 'fuel is not exact'
  artel 3 sandbox run --tier interpreted --fuel 1e6 -o json -- ./endless.wasm
  [ "$(json outcome)" = fuel_exhausted ] || fail 'endless loops'
}

# either_tier TIER: what both have in common.
either_tier() {
  artel 0 sandbox run --tier "$1" -- ./count.wasm
  expect_result 1
  artel 3 sandbox run --tier "$1" -o json -- ./count.wasm a b c
  [ "$(json outcome)/$(json exit_code)" = nonzero_exit/3 ] || fail 'proc_exit'
  artel 3 sandbox run --tier "$1" -o json -- ./trap.wasm
  [ "$(json outcome)" = trap ] || fail 'a trap'
  artel 5 sandbox run --tier "$1" --wall-time 1s -o json -- ./endless.wasm
  [ "$(json outcome)" = timeout ] || fail 'the wall time of a module'
  artel 3 sandbox run --tier "$1" -o json -- ./foreign.wasm
  [ "$(json outcome)" = unsupported_import ] || fail 'an import'
  expect_message 'launch'
  artel 3 sandbox run --tier "$1" -o json -- ./broken.wasm
  [ "$(json outcome)" = invalid_module ] || fail 'a broken module'
}

test_wasm() {
  echo 'WebAssembly'
  if ! command -v wat2wasm > /dev/null; then
    echo '  there is no wat2wasm here'
    return
  fi
  make_modules
  if [ "$(layer 'WebAssembly interpreter')" != active ]; then
    absent_kind interpreter --tier interpreted -- ./count.wasm
    return
  fi
  either_tier interpreted
  test_interpreted
  if [ "$(layer 'WebAssembly compiler')" = active ]; then
    either_tier compiled
  else
    absent_kind compiler --tier compiled -- ./count.wasm
  fi
  echo 'no module' > text.wasm
  refused 'text\.wasm.*module' sandbox run -- ./text.wasm
}

test_container() {
  echo 'Containers'
  if [ "$(layer 'container runtime')" != active ]; then
    absent_kind container --type container -- /usr/bin/echo hello
    return
  fi
  artel 0 sandbox run --type container -- /usr/bin/echo hello
  expect_result hello
  artel 5 sandbox run --type container --wall-time 500ms -- /usr/bin/sleep 60
  artel 3 sandbox run --type container -o json -- /bin/sh -c 'exit 4'
  [ "$(json outcome)/$(json exit_code)" = nonzero_exit/4 ] || fail 'exit codes'
  script 'echo "made" > /output/x' 'cat'
  echo fed > data.txt
  artel 0 sandbox run --type container --stdin data.txt --output-dir contained \
    -- ./job.sh
  expect_result fed
  [ "$(cat contained/x)" = made ] || fail 'output files of a container'
  if ! command -v busybox > /dev/null; then
    echo '  there is no busybox here'
    return
  fi
  mkdir -p root/bin root/etc
  cp "$(command -v busybox)" root/bin/busybox
  ln -s busybox root/bin/sh
  echo inside > root/etc/name
  artel 0 sandbox run --rootfs root -- /bin/busybox cat /etc/name
  expect_result inside
  tar -C root -czf root.tar.gz .
  artel 0 sandbox run --rootfs "$scratch/root.tar.gz" -- /bin/busybox ls /etc
  expect_result name
  artel 0 bundle pack -O root.bundle --rootfs root -- /bin/busybox cat /etc/name
  artel 0 sandbox run --bundle root.bundle
  expect_result inside
}

test_check
test_output
test_input
test_limits
test_output_files
test_bad_input
test_reduced
test_interrupt
test_help
test_wasm
test_container
[ -z "$(ls -A "$TMPDIR")" ] || fail "left in TMPDIR: $(ls -A "$TMPDIR")"
