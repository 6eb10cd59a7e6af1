#!/bin/bash
# Owners and networks on paper: keys, certificates, configs, tokens, and what is
# refused of them.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

# id NAME: the id of a key made here.
id() { cat "$1.id"; }
for name in root seed other worker stranger; do
  artel 0 key new --out "$name.key"
  cp out "$name.id"
done
artel 0 owner new --out owner.key
cp out owner.id
artel 0 owner new
[ -f "$HOME/.config/artel/owner.key" ] || fail 'owner new did not find its place'

# An owner speaks for a node, for a while, in a network or in any.
artel 0 owner certify "$(id worker)" --key owner.key --network lab \
  --scope work --expires 30d --out worker.json
artel 0 owner show worker.json --node worker.key --network lab
grep -q "^owner  *$(id owner)" out || fail 'owner show does not tell the owner'
grep -q '^valid' out || fail 'the certificate is not said to be valid'
artel 4 owner show worker.json --node stranger.key
artel 4 owner show worker.json --network other
artel 0 owner show worker.json -o json
[ "$(json scope)" = work ] || fail 'the scope is not work'
[ "$(json node)" = "$(id worker)" ] || fail 'the JSON tells another node'
artel 2 owner certify "$(id worker)" --key owner.key --out worker.json
expect_message 'exists.*--force'
artel 0 owner certify worker.key --key owner.key --out worker.json --force
artel 2 owner certify "$(id worker)" --key owner.key --out x --expires soon
artel 2 owner certify 12 --key owner.key --out x
artel 2 owner certify worker.key --key worker.key --out x
artel 2 owner certify worker.key --key missing.key --out x
expect_message 'owner new'
[ ! -e x ] || fail 'something was written all the same'

# One changed digit, and it is worth nothing.
sed 's/"expires": 1/"expires": 2/' worker.json > forged.json
artel 4 owner show forged.json
expect_message 'not signed'
artel 0 owner certify worker.key --key owner.key --out brief.json --expires 1ms
sleep 0.05
artel 4 owner show brief.json
expect_message 'expired'

# A network: its root describes it and certifies seeds.
artel 2 network init --name lab --root-key none.key
expect_message 'key new'
artel 0 network init --name lab --root-key root.key --admission token \
  --price-floor 0.01
expect_result "$(id root)"
artel 2 network init --name lab --root-key root.key
artel 0 network add-seed network.json --root-key root.key --node seed.key \
  --address Seed.Example:7447 --certificate-out seed.json
artel 0 network add-seed network.json --root-key root.key \
  --node "$(id other)" --address 10.0.0.2:7447 --certificate-out other.json
artel 2 network add-seed network.json --root-key root.key --node worker.key \
  --address 10.0.0.2:7447 --certificate-out twice.json
expect_message 'twice'
artel 2 network add-seed network.json --root-key root.key --node worker.key \
  --address 10.0.0.2 --certificate-out bad.json
artel 2 network add-seed network.json --root-key worker.key --node worker.key \
  --certificate-out bad.json
[ ! -e twice.json ] && [ ! -e bad.json ] \
  || fail 'a certificate was written without its seed in the config'
artel 0 network show network.json --root "$(id root)" --network lab
grep -q "seed  *$(id seed) at seed.example:7447" out || fail 'no seed is listed'
artel 0 network show seed.json --root "$(id root)"
artel 4 network show network.json --root "$(id worker)"
artel 4 network show seed.json --root "$(id worker)"
artel 0 network show network.json -o json
[ "$(json version)" -eq 3 ] || fail 'two seeds did not make version 3'
[ "$(json price_floor)" = 0.01 ] || fail 'the price floor is lost'

# A seed lets an owner in.
artel 0 network admit --key seed.key --certificate seed.json \
  --owner "$(id owner)" --expires 10d --out token.json
artel 0 network show token.json --root "$(id root)"
artel 2 network admit --key other.key --certificate seed.json \
  --owner "$(id owner)" --out x
artel 0 network admit --key seed.key --certificate seed.json \
  --owner "$(id owner)" --expires 900d --out long.json
expect_message "certificate ends before"

# A seed revokes a node, and an owner with all of its own.
artel 0 network revoke network.json --key seed.key --certificate seed.json \
  --node "$(id stranger)" --owner "$(id owner)"
artel 0 network show network.json --root "$(id root)"
grep -q "revoked node  *$(id stranger)" out || fail 'the node is not revoked'
grep -q "revoked owner  *$(id owner)" out || fail 'the owner is not revoked'
grep -q "signed by  *seed $(id seed)" out || fail 'the seed has not signed'
artel 2 network revoke network.json --key seed.key --certificate seed.json \
  --node "$(id stranger)"
expect_message 'already'
artel 2 network revoke network.json --key worker.key --node "$(id worker)"
artel 2 network revoke network.json --key worker.key --certificate seed.json \
  --node "$(id worker)"
artel 2 network revoke network.json --key root.key
cp network.json before.json
artel 1 network revoke network.json --key seed.key --certificate seed.json \
  --node "$(id seed)"
cmp network.json before.json || fail 'a refused change was written'

# The root revokes a seed, and goes beyond all that the seed could sign.
artel 0 network revoke network.json --key root.key --node "$(id seed)"
artel 0 network show network.json --root "$(id root)" -o json
[ "$(json version)" -gt 1000000000 ] || fail 'the root did not go beyond'
artel 1 network revoke network.json --key other.key --certificate other.json \
  --node "$(id worker)"
expect_message 'may sign up to'
artel 1 network add-seed network.json --root-key root.key --node seed.key \
  --certificate-out again.json
artel 0 network add-seed network.json --root-key root.key --node other.key \
  --certificate-out other.json --force
artel 0 network revoke network.json --key other.key --certificate other.json \
  --node "$(id worker)"
artel 0 network show network.json --root "$(id root)" --network lab
grep -q "seed  *$(id other) at 10.0.0.2:7447" out \
  || fail 'renewing a seed lost its address'

# The rules change, and nothing else does.
set_rules() { artel "$1" network set network.json --key root.key "${@:2}"; }
version() {
  artel 0 network show network.json --root "$(id root)" -o json
  json version
}
before=$(version)
set_rules 0 --admission certificate --price-floor 2.5 \
  --messages-per-second 500 --add-witness other.key --add-witness "$(id root)"
grep -qE '^admission +token -> certificate$' out || fail 'no change of admission'
grep -qE '^price floor +0.01 -> 2.5$' out || fail 'no change of the price floor'
grep -qE '^messages a second +20000 -> 500$' out || fail 'no change of the rate'
grep -qE "^witness added +$(id root)\$" out || fail 'no change of witnesses'
[ "$(version)" -eq $((before + 1)) ] || fail 'one change is not one version'
[ "$(json admission)" = certificate ] || fail 'the rule of admission is lost'
[ "$(json price_floor)" = 2.5 ] || fail 'the new price floor is lost'
[ "$(json messages_per_second_max)" -eq 500 ] || fail 'the new rate is lost'
artel 0 network set network.json --key other.key --certificate other.json \
  --price-floor 1 --remove-witness "$(id root)"
grep -qE '^price floor +2.5 -> 1$' out || fail 'a seed can not set a price'
if grep -q "^admission" out; then fail "what has not changed is told"; fi
cp network.json before.json
set_rules 2
expect_message 'nothing to set.*--price-floor'
set_rules 2 --price-floor 1 --admission certificate
expect_message 'set so already'
set_rules 2 --price-floor 1000001
expect_message 'from 0 to 1000000'
set_rules 2 --price-floor -1
set_rules 2 --messages-per-second 0
expect_message 'from 1 to 4294967295'
set_rules 2 --messages-per-second 4294967296
set_rules 2 --admission anyone
set_rules 2 --add-witness other.key
expect_message 'already'
set_rules 2 --remove-witness "$(id owner)"
expect_message 'is no witness'
set_rules 2 --remove-seed "$(id owner)"
expect_message 'is no seed'
set_rules 1 --add-witness "$(id stranger)"
expect_message 'revoked'
set_rules 2 --add-witness nobody
artel 2 network set network.json --key worker.key --price-floor 3
expect_message 'not the network.s root'
artel 2 network set network.json --key seed.key --certificate other.json \
  --price-floor 3
artel 2 network set missing.json --key root.key --price-floor 3
cmp network.json before.json || fail 'a refused change was written'
set_rules 0 --remove-seed other.key
grep -qE "^seed removed +$(id other)\$" out || fail 'no seed was removed'
expect_message 'keeps its rights'

# Who was revoked is let in again, and others are not.
lift() { artel "$1" network unrevoke network.json --key root.key "${@:2}"; }
before=$(version)
lift 0 --node "$(id stranger)" --owner "$(id owner)"
[ "$(version)" -eq $((before + 1)) ] || fail 'letting in is not one version'
artel 0 network show network.json
if grep -qE "revoked .*($(id stranger)|$(id owner))" out; then
  fail "they are revoked still"
fi
grep -q "revoked node  *$(id worker)" out || fail 'another was let in as well'
cp network.json before.json
lift 2 --node "$(id stranger)"
expect_message 'not revoked'
lift 2 --owner "$(id worker)"
lift 2 --node "$(id worker)" --node "$(id worker)"
lift 2
expect_message 'nothing to unrevoke'
cmp network.json before.json || fail 'a refused change was written'
set_rules 0 --add-witness "$(id stranger)"

# Several at once lose nothing of each other, and leave nothing behind.
before=$(version)
writers=()
for number in 1 2 3 4 5 6 7 8; do
  "$ARTEL_BIN" network revoke network.json --key root.key \
    --node "$(printf '%064x' "$number")" 2> "writer-$number" &
  writers+=($!)
done
for writer in "${writers[@]}"; do
  wait "$writer" || fail "a writer failed: $(cat writer-*)"
done
[ "$(version)" -eq $((before + 8)) ] || fail 'eight changes are not eight versions'
artel 0 network show network.json --root "$(id root)"
[ "$(grep -cE '^revoked node +0{63}[1-8]$' out)" -eq 8 ] \
  || fail 'a change was lost'
for file in network.json.* .artel-*; do
  [ ! -e "$file" ] || fail "$file was left behind"
done
# A link leads to the file still.
ln -s network.json link.json
artel 0 network set link.json --key root.key --price-floor 4
[ -L link.json ] || fail 'a link was replaced'
cmp -s network.json link.json || fail 'the link leads elsewhere'

# What is no such file is named.
artel 2 network show worker.json
expect_message 'owner certificate'
artel 2 owner show token.json
expect_message 'join token'
artel 2 network show root.key
artel 2 network show missing.json
artel 2 network show "$HOME"
