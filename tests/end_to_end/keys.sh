#!/bin/bash
# Keys: made, shown, under a passphrase from a file, a descriptor or a terminal.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

# A server of its own, which reads nobody's settings.
export TMUX_TMPDIR=$scratch
unset TMUX
export LC_ALL=C.UTF-8
tmux() { command tmux -L keys -f /dev/null "$@"; }
trap 'tmux kill-server 2> /dev/null || true; rm -rf "$scratch"' EXIT

# secret FILE TEXT: a passphrase that only we may read.
secret() {
  (umask 077 && printf '%s\n' "$2" > "$1")
}

# rights FILE: as in chmod.
rights() { stat -c %a "$1"; }

echo 'A key in the clear'
artel 0 key new
node=$(cat out)
key=$HOME/.config/artel/node.key
[ "$(rights "$key")" = 600 ] || fail "others may use the key: $(rights "$key")"
[ "$(rights "$HOME/.config/artel")" = 700 ] || fail 'others may see the key'
artel 0 key show
expect_result "$node"
artel 2 key new
expect_message 'never replaced'
chmod 640 "$key"
artel 2 key show
expect_message 'chmod 600'
chmod 600 "$key"

echo 'A key under a passphrase'
secret one 'open sesame'
secret two 'close sesame'
artel 0 key new --out boxed.key --passphrase-file one
boxed=$(cat out)
expect_message 'protected by its passphrase'
[ "$(rights boxed.key)" = 600 ] || fail 'others may use the key'
if grep -q '^seed' boxed.key; then fail 'the seed is in the clear'; fi
artel 0 key show boxed.key
expect_result "$boxed"
artel 0 key show boxed.key --passphrase-file one
expect_result "$boxed"
artel 2 key show boxed.key --passphrase-file two
expect_result ''
expect_message "'boxed\.key' is not opened by this passphrase"

echo 'Where a passphrase comes from'
"$ARTEL_BIN" key show boxed.key --passphrase-fd 7 > out 2> err 7< one \
  || fail 'a descriptor did not give the passphrase'
expect_result "$boxed"
artel 2 key show boxed.key --passphrase-fd 99
artel 2 key show boxed.key --passphrase-fd x
artel 2 key show boxed.key --passphrase-fd 7 --passphrase-file one
chmod 644 one
artel 2 key show boxed.key --passphrase-file one
expect_message "passphrase file 'one' may be used by others.*chmod 600"
chmod 600 one
secret empty ''
artel 2 key new --out empty.key --passphrase-file empty
[ ! -e empty.key ] || fail 'a key without its passphrase was written'
# Without a terminal nobody can be asked.
artel 2 key new --out asked.key --passphrase
expect_message 'no terminal'
[ ! -e asked.key ] || fail 'a key without its passphrase was written'
artel 2 key passphrase boxed.key
expect_message 'no terminal'

echo 'Set, changed and removed'
artel 0 key passphrase --new-passphrase-file one
artel 0 key show --passphrase-file one
expect_result "$node"
artel 2 key passphrase --passphrase-file two --new-passphrase-file one
expect_message 'not opened'
artel 0 key passphrase --passphrase-file one --new-passphrase-file two
artel 2 key show --passphrase-file one
artel 0 key show --passphrase-file two
expect_result "$node"
artel 0 key passphrase --passphrase-file two --remove
expect_message 'no passphrase protects'
grep -q '^seed' "$key" || fail 'the key is still in its box'
[ "$(rights "$key")" = 600 ] || fail 'others may use the key'
artel 2 key passphrase --remove --new-passphrase-file one
artel 0 key show
expect_result "$node"

echo 'Files that ask for too much'
sed 's/^argon2id .*/argon2id 16 1099511627776/' boxed.key > greedy.key
chmod 600 greedy.key
artel 2 key show greedy.key --passphrase-file one
expect_message 'unreasonable cost'
head -c 100000 /dev/urandom > random.key
chmod 600 random.key
artel 2 key show random.key
expect_message 'no key file'

echo 'On a terminal'
screen() { tmux capture-pane -p -J -S - -t keys; }
# shows REGEX [TIMES]: whether so many lines on the terminal match.
shows() { [ "$(screen | grep -cE -- "$1" || true)" -ge "${2:-1}" ]; }
await() { wait_until 60 shows "$@" || fail "no '$1' on the terminal: $(screen)"; }
type_line() {
  tmux send-keys -t keys -l -- "$1"
  tmux send-keys -t keys Enter
}
tmux new-session -d -s keys -x 120 -y 40 "exec bash --norc --noprofile"
type_line "PS1='ready> '"
await '^ready> '
type_line "'$ARTEL_BIN' key new --passphrase --out typed.key"
await 'passphrase of the new key: $'
type_line 'pass phrase'
await 'again: $'
type_line 'pass phrase'
await 'is protected by its passphrase'
if screen | grep -q 'pass phrase'; then fail 'a passphrase was shown'; fi
secret typed 'pass phrase'
artel 0 key show typed.key --passphrase-file typed
type_line "'$ARTEL_BIN' key passphrase typed.key --remove"
await "passphrase of 'typed.key': $"
type_line 'another'
await 'not opened by this passphrase'
type_line "'$ARTEL_BIN' key new --passphrase --out differ.key"
await 'passphrase of the new key: ' 2
type_line 'one'
await 'again: ' 2
type_line 'two'
await 'the two passphrases differ'
[ ! -e differ.key ] || fail 'a key was written'
# Ctrl-C leaves a terminal on which one sees what one types.
type_line "'$ARTEL_BIN' key passphrase typed.key; echo code-\$?"
await "of 'typed.key': " 2
tmux send-keys -t keys C-c
await '^code-130'
type_line 'echo still here'
await 'ready> echo still here'
