#!/bin/bash
# Settings of a node: every problem with its place, where each value comes from,
# and an example that says what the program knows.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

# says REGEX: standard output has a line that matches.
says() {
  grep -qE -- "$1" "$scratch/out" || fail "$last_command did not print '$1'"
}

# problems COUNT: so many lines on standard error.
problems() {
  local count
  count=$(grep -c . err || true)
  [ "$count" -eq "$1" ] || fail "$last_command told $count problems, not $1"
}

# shown SECTION KEY: value and origin, from the JSON document.
shown() {
  echo "$(json settings "$1" "$2" value) <- $(json settings "$1" "$2" origin)"
}

artel 0 key new --out node.key

echo 'A sound file'
cat > node.toml <<'END'
[node]
key = "node.key"
name = "ada"
[listen]
addresses = ["127.0.0.1:0"]
[links]
max = 100
END
artel 0 config check node.toml
says '^node\.toml is fine: 4 settings of it'
[ ! -s err ] || fail 'a sound file has no problems'

echo 'Every problem at once, with its line'
cat > bad.toml <<'END'
[node]
key = "none.key"
role = "sead"
[links]
maxx = 100
keep_alive = "90s"
handshake_timeout = 5
[access]
deny_nodes = ["x"]
[nod]
[shutdown]
drain = "25 hours"
END
artel 2 config check bad.toml
expect_result ''
expect_message "^artel: bad\.toml:2:7: node\.key: there is no key file"
expect_message "^artel: bad\.toml:3:8: node\.role: 'sead' given; did you mean 'seed'"
expect_message "^artel: bad\.toml:5:1: unknown key 'links\.maxx'; did you mean 'max'"
expect_message '^artel: bad\.toml:6:14: links\.keep_alive: .*idle_timeout = "60s" \(default\)'
expect_message '^artel: bad\.toml:7:21: links\.handshake_timeout: .*such as "10s"'
expect_message "^artel: bad\.toml:9:14: access\.deny_nodes: 'x' is no id"
expect_message "^artel: bad\.toml:10:2: unknown section 'nod'; did you mean 'node'"
expect_message "^artel: bad\.toml:12:9: shutdown\.drain: '25 hours' is not a time"
problems 8

echo 'What is no such file'
artel 2 config check missing.toml
expect_message "'missing\.toml' does not exist"
artel 2 config check "$scratch"
expect_message 'is a directory'
head -c 100000 /dev/urandom > random.toml
artel 2 config check random.toml
expect_message 'no valid TOML'
problems 1
head -c 2000000 /dev/zero | tr '\0' '\n' > large.toml
artel 2 config check large.toml
expect_message 'larger than 1 MiB'
mkfifo pipe
artel 2 config check pipe
expect_message 'not a regular file'
printf '[node]\nkey = "node.key"\nname = "a"\nname = "b"\n' > twice.toml
artel 2 config check twice.toml
expect_message 'twice\.toml:4:'
artel 2 config check
artel 2 config check node.toml bad.toml

echo 'Flags win over variables, those over the file, that over defaults'
export ARTEL_LINKS_MAX=200 ARTEL_LOG_LEVEL=debug ARTEL_LOG_LEVLE=info
export ARTEL_NODE_LISTEN=127.0.0.1:7447
artel 0 config show --config node.toml --links-max 300 -o json
[ "$(shown links max)" = '300 <- --links-max' ] || fail 'the flag did not win'
[ "$(shown log level)" = 'debug <- environment ARTEL_LOG_LEVEL' ] \
  || fail 'the variable did not win'
[ "$(json settings listen addresses value 0)" = 127.0.0.1:7447 ] \
  || fail 'the other name of a variable is not known'
[ "$(json settings listen addresses origin)" = 'environment ARTEL_NODE_LISTEN' ] \
  || fail 'the origin of a list is not told'
[ "$(shown node name)" = 'ada <- node.toml:3:8' ] || fail 'the file is not read'
[ "$(shown links target)" = '16 <- default' ] || fail 'there is no default'
expect_message "warning: environment ARTEL_LOG_LEVLE.*did you mean 'ARTEL_LOG_LEVEL'"
export ARTEL_LOG_LEVEL=loud
artel 2 config check node.toml
expect_message '^artel: environment ARTEL_LOG_LEVEL: log\.level'
unset ARTEL_LINKS_MAX ARTEL_LOG_LEVEL ARTEL_LOG_LEVLE ARTEL_NODE_LISTEN

echo 'What is shown reads as the same again'
artel 0 config show --config node.toml
cp out shown.toml
says '^max = 100  # node\.toml:7:7$'
says '^key = ".*/node\.key"  # node\.toml:2:7$'
artel 0 config show --config shown.toml
diff <(sed 's/  #.*//' shown.toml) <(sed 's/  #.*//' out) \
  || fail 'what was shown says something else when it is read'

echo 'Secrets are not shown'
echo 'open sesame' > secret
chmod 600 secret
artel 0 config show --config node.toml --node-passphrase-file secret
says '^passphrase_file = ".*/secret"'
seed=$(sed -n 's/^seed //p' node.key)
if grep -qE "open sesame|$seed" out err; then fail 'a secret was shown'; fi

echo 'The example sets nothing, and its keys are known'
artel 0 config example
cp out example.toml
artel 0 config show --config example.toml -o json
[ "$(shown links max)" = '1024 <- default' ] || fail 'the example sets something'
sed -E 's/^#(max = )1024/\177/' example.toml > changed.toml
artel 0 config show --config changed.toml -o json
[[ "$(shown links max)" == '77 <- changed.toml:'* ]] \
  || fail 'a key of the example is not read'
