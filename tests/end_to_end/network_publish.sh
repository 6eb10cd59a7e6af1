#!/bin/bash
# A network's config is given to a running node and reaches the others; what is
# older, forged or another network's is refused; its price floor holds.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/end_to_end/nodes.sh
. "$(dirname "$0")/nodes.sh"
trap 'stop_nodes; rm -rf "$scratch"' EXIT

id() { cat "$1.id"; }
for name in root seed second worker; do
  artel 0 key new --out "$name.key"
  cp out "$name.id"
done
artel 0 network init --name lab --root-key root.key
for name in seed second; do
  artel 0 network add-seed network.json --root-key root.key --node "$name.key" \
    --certificate-out "$name.json"
done

# configure NAME ROLE WORKS [LINE...]: the lines are of [network].
configure() {
  local name=$1 role=$2 works=$3
  shift 3
  cat > "$name.toml" << END
[node]
key = "$scratch/$name.key"
name = "$name"
role = "$role"
state = "$scratch/$name.state"

[network]
name = "lab"
root = "$(id root)"
$(printf '%s\n' "$@")

[listen]
addresses = ["127.0.0.1:0"]

[discovery]
bootstrap = [${bootstrap:+\"$bootstrap\"}]

[work]
enabled = $works
slots = 1

[shutdown]
drain = "1s"
END
}

# publish CODE NODE FILE
publish() { artel "$1" network publish "$3" --config "$2.toml"; }
# has_version NODE VERSION
has_version() {
  artel 0 node describe --config "$1.toml" -o json
  [ "$(json config_version)" -eq "$2" ]
}

configure seed seed false "config = \"$scratch/network.json\"" \
  "seed_certificate = \"$scratch/seed.json\""
start_node seed
bootstrap=$(ready_value seed listen)
configure worker public true
start_node worker
wait_until 10 has_version worker 3 || fail 'the worker was not told the config'

echo 'Any node takes it and passes it on'
cp network.json old.json
artel 0 network set network.json --key seed.key --certificate seed.json \
  --price-floor 0.5
publish 0 worker network.json
expect_result 'version  3 -> 4'
expect_message 'passes the config on'
wait_until 10 has_version seed 4 || fail 'the seed was not told'
publish 0 seed network.json
expect_result 'version  4 -> 4'
expect_message 'has this config already'
artel 0 network publish network.json --config worker.toml -o json
[ "$(json version_before)" -eq 4 ] || fail 'no version before in the JSON'
[ "$(json version)" -eq 4 ] || fail 'no version in the JSON'

echo 'A seed reads its own file again'
artel 0 network set network.json --key root.key --messages-per-second 9000
kill -HUP "${node_pids[seed]}"
wait_until 10 has_version worker 5 || fail 'a new file did not reach the worker'

echo 'What is refused'
publish 2 worker old.json
expect_message 'version 3 .*no newer than version 5'
sed 's/"version": 5/"version": 6/' network.json > forged.json
publish 4 worker forged.json
expect_message 'not signed by'
artel 0 network init --name lab --root-key worker.key --out theirs.json
publish 4 worker theirs.json
expect_message 'names root'
artel 0 network init --name other --root-key root.key --out other.json
publish 4 worker other.json
expect_message "of network 'other'"
publish 2 worker root.key
publish 2 worker missing.json
artel 1 network publish network.json --control nowhere
expect_message 'no node answers'
# A seed that another has revoked can't outbid it.
cp network.json behind.json
artel 0 network revoke network.json --key seed.key --certificate seed.json \
  --node second.key
publish 0 worker network.json
for floor in 1 2; do
  artel 0 network set behind.json --key second.key --certificate second.json \
    --price-floor "$floor"
done
publish 2 worker behind.json
expect_message 'signed by a seed that version 6 revokes'
has_version worker 6 || fail 'a refused config was taken'

echo 'The price floor holds'
task=(--range 1..1000 --kernel count_primes --reduce sum --replicas 1
  --chunks 4 --network lab --connect "$bootstrap,$(ready_value worker listen)")
artel 0 job plan "${task[@]}" --network-root "$(id root)"
grep -q "0.5 credits a replica, the network's price floor" out err \
  || fail 'the plan does not tell the price floor'
artel 0 job run "${task[@]}" --network-root "$(id root)" -o json
[ "$(json result)" = 168 ] || fail 'the result is wrong'
[ "$(settlement paid)" -eq 2000000 ] || fail 'four jobs did not cost 2 credits'
artel 7 job run "${task[@]}" --network-root "$(id root)" --budget 1
expect_message 'no worker of this network takes less than 0.5 credits'
artel 6 job run "${task[@]}"
expect_message 'asks 0.5 credits a job.*given its root key'
