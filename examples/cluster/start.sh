#!/bin/sh
# A network on this machine: makes keys, a network and certificates below run/,
# starts a seed and two public nodes, runs the primes example through a client,
# shows what the nodes say, and stops all of it.
# Usage: [ARTEL=PATH] start.sh
set -eu
cd "$(dirname "$0")"
artel=${ARTEL:-artel}
pids=

finish() {
  for pid in $pids; do
    kill "$pid" 2> /dev/null || true
  done
  # They drain: what runs may end.
  for pid in $pids; do
    wait "$pid" || true
  done
  rm -f run/*.ready
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# An earlier network's keys mean nothing to a new root.
rm -rf run
mkdir -p -m 700 run

echo 'Keys: the root of the network, an owner for each node, and the nodes'
"$artel" key new --out run/root.key > run/root.id 2> /dev/null
for name in seed node-1 node-2; do
  "$artel" key new --out "run/$name.key" > /dev/null 2>&1
done
for name in node-1 node-2; do
  "$artel" owner new --out "run/$name.owner.key" > /dev/null 2>&1
  "$artel" owner certify "run/$name.key" --key "run/$name.owner.key" \
    --network cluster --out "run/$name.certificate.json"
done

echo 'The network: its first config, and the root'"'"'s certificate for the seed'
"$artel" network init --name cluster --root-key run/root.key \
  --out run/network.json > /dev/null
"$artel" network add-seed run/network.json --root-key run/root.key \
  --node run/seed.key --address 127.0.0.1:7447 \
  --certificate-out run/seed.certificate.json
ARTEL_NETWORK_ROOT=$(cat run/root.id)
export ARTEL_NETWORK_ROOT

# start NAME: waits for the line that says that it is ready.
start() {
  "$artel" config check "$1.toml"
  "$artel" node start --config "$1.toml" > "run/$1.ready" 2> "run/$1.log" &
  pids="$pids $!"
  tries=0
  until grep -q '^ready ' "run/$1.ready"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 300 ] || ! kill -0 $! 2> /dev/null; then
      cat "run/$1.log" >&2
      exit 1
    fi
    sleep 0.1
  done
  cat "run/$1.ready"
}

echo 'The nodes'
for name in seed node-1 node-2; do
  start "$name"
done

echo 'A client, which joins, runs the task on both nodes, and leaves'
"$artel" job run ../primes/primes.toml --replicas 2 \
  --connect 127.0.0.1:7447 --network cluster \
  --network-root "$ARTEL_NETWORK_ROOT"

echo 'The same through a node: submitted, waited for, asked for its result'
task=$("$artel" job submit ../primes/primes.toml --replicas 1 \
  --config node-1.toml)
"$artel" job wait "$task" --config node-1.toml --quiet
"$artel" job results "$task" --config node-1.toml

echo 'Who is there'
"$artel" node list --config seed.toml
"$artel" node describe --config node-2.toml
