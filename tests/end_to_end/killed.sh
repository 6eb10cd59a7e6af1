#!/bin/bash
# kill -9 at any moment, while many jobs of each kind are set up and run: the
# next start leaves no process, directory, control group or mount of the dead
# one, and touches nothing of a living one. As root, all of it as nobody, too.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

export TMPDIR=$scratch/sandboxes
mkdir "$TMPDIR"
chmod 755 "$scratch" "$TMPDIR"

RANDOM=20261

# An argument that no other process on this machine has.
marker=600.0001$$
echo "$marker" > marker
# marked: the processes that have it. From a file, or grep would find itself.
marked() {
  grep -slzxFf marker /proc/[0-9]*/cmdline || true
}

# nothing_left PID: what the kernel is still ending gets two seconds.
nothing_left() {
  local end=$((SECONDS + 3)) left
  while
    left=$(
      marked
      find /sys/fs/cgroup -name "artel-$1-*" -o -name "artel-*-$1-*" \
        2> /dev/null || true
      grep -F "$TMPDIR" /proc/self/mountinfo || true
    )
    [ -n "$left" ]
  do
    [ "$SECONDS" -lt "$end" ] || fail "$last_command left: $left"
    sleep 0.02
  done
  [ -z "$(ls -A "$TMPDIR")" ] \
    || fail "$last_command left in TMPDIR: $(ls -A "$TMPDIR")"
}

# kill_at MILLISECONDS ARGUMENT...: starts artel, and kills it after that time;
# then starts another, which has to clean up.
kill_at() {
  local delay=$1 pid
  shift
  "$ARTEL_BIN" "$@" > out 2> err < /dev/null &
  pid=$!
  sleep "$(printf '0.%03d' "$delay")"
  last_command="artel $*, killed after $delay ms"
  kill -KILL "$pid" || fail "$last_command, had ended before"
  wait "$pid" 2> /dev/null || true
  "$ARTEL_BIN" sandbox run -q -- /usr/bin/true 2> err \
    || fail "$last_command: the next start failed"
  nothing_left "$pid"
}

# kill_often ARGUMENT...: at moments that are spread over the first second.
kill_often() {
  local i
  for i in 0 1 2 3 4 5 6 7 8 9; do
    kill_at $((100 * i + RANDOM % 100)) "$@"
  done
}

# can TYPE: whether this machine runs it.
can() {
  "$ARTEL_BIN" sandbox run -q --type "$1" -- "$2" > out 2> err && return
  grep -q 'cannot\|not' err || fail "no reason is given why there is no $1"
  echo "no $1 here: $(tail -n 1 err)"
  return 1
}

test_kills() {
  local long=(--range 1..100 --chunks 100 --timeout 11m --slots 4)
  kill_often run "${long[@]}" -- /usr/bin/sleep "$marker"
  # A module that runs for ever, and one that ends.
  printf '\0asm\1\0\0\0\1\4\1\140\0\0\3\2\1\0\5\3\1\0\1\7\23\2\6memory\2\0' \
    > start
  { cat start && printf '\6_start\0\0\12\11\1\7\0\3\100\14\0\13\13'; } \
    > endless.wasm
  { cat start && printf '\6_start\0\0\12\4\1\2\0\13'; } > empty.wasm
  ! can wasm ./empty.wasm \
    || kill_often run --sandbox wasm "${long[@]}" -- ./endless.wasm "$marker"
  ! can container /usr/bin/true \
    || kill_often run --sandbox container "${long[@]}" \
      -- /usr/bin/sleep "$marker"
}

# memory_group: where version 1 has that of this shell; nothing elsewhere.
memory_group() {
  local group
  group=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
  [ -z "$group" ] || echo "/sys/fs/cgroup/memory${group%/}"
}

# What runs side by side; known to the trap, too.
pids=()
groups=()

# in_group DIRECTORY FILE ARGUMENT...: artel in that group, its output to FILE.
in_group() {
  local group=$1 file=$2
  shift 2
  echo "$BASHPID" > "$group/cgroup.procs"
  exec "$ARTEL_BIN" "$@" > "$file" 2> "$file.err" < /dev/null
}

# Two that live side by side in different groups of memory, but in the same of
# others, and starts beside them: each leaves what is another's alone.
test_living() {
  local base pid name
  base=$(memory_group)
  if [ -z "$base" ] || ! mkdir "$base/artel-test-$$-a" 2> /dev/null; then
    echo 'no memory groups of version 1 that can be made here'
    return
  fi
  groups=("$base/artel-test-$$-a" "$base/artel-test-$$-b")
  mkdir "${groups[1]}"
  trap 'kill -KILL "${pids[@]}" 2> /dev/null; wait; rmdir "${groups[@]}"
        rm -rf "$scratch"' EXIT
  for name in 0 1; do
    in_group "${groups[name]}" "side.$name" run --range 1..100 --chunks 100 \
      --replicas 1 --reduce sum -o json -- /usr/bin/expr '{first}' + 0 &
    pids+=($!)
  done
  while kill -0 "${pids[0]}" 2> /dev/null; do
    artel 0 sandbox run -q -- /usr/bin/true
  done
  for name in 0 1; do
    wait "${pids[name]}" || fail "run $name failed: $(tail -n 3 "side.$name.err")"
    last_command="run $name in a group of memory of its own"
    cp "side.$name" out
    [ "$(json result)" = 5050 ] || fail "run $name gave $(json result)"
    [ "$(json retries)" -eq 0 ] || fail "run $name: $(json retries) failed runs"
  done
  for pid in "${pids[@]}"; do
    nothing_left "$pid"
  done
  rmdir "${groups[@]}"
  trap 'rm -rf "$scratch"' EXIT
}

test_kills
if [ "$(id -u)" -eq 0 ]; then
  test_living
  nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
  if "${nobody[@]}" test -x "$ARTEL_BIN" -a -r "$here/killed.sh"; then
    "${nobody[@]}" env TMPDIR=/tmp "$here/killed.sh"
  else
    echo "not as nobody, who can't run $ARTEL_BIN"
  fi
fi

echo "nothing is left of what was killed (user $(id -u))"
