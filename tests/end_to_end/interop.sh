#!/bin/bash
# A client in another language, written from protocol/README.md alone: its test
# vectors are those of artel wire vectors, and it works with a real node.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/end_to_end/nodes.sh
. "$here/nodes.sh"
trap 'stop_nodes; rm -rf "$scratch"' EXIT

for tool in python3 openssl; do
  command -v "$tool" > /dev/null || fail "$tool is not here; tools/dev setup"
done
export PYTHONDONTWRITEBYTECODE=1
interop=$ARTEL_ROOT/tests/interop

# client CODE ARGUMENT...: like artel, in lib.sh.
client() {
  local wanted=$1 code=0
  shift
  last_command="artel_client.py $*"
  timeout 60 python3 "$interop/artel_client.py" "$@" \
    > out 2> err < /dev/null || code=$?
  [ "$code" -eq "$wanted" ] \
    || fail "$last_command ended with exit code $code; expected $wanted"
}

echo 'Vectors and messages'
artel 0 wire vectors
cmp out "$interop/vectors.json" \
  || fail "tests/interop/vectors.json is not what artel wire vectors prints"
client 0 schema
mv out schema
artel 0 wire schema
diff schema out \
  || fail 'protocol/README.md does not list what artel wire schema prints'
client 0 check "$interop/vectors.json"
cat out
# It can fail: one digit of one hash is another.
sed '0,/"hash": "0dc4/s//"hash": "1dc4/' "$interop/vectors.json" > wrong.json
cmp -s wrong.json "$interop/vectors.json" && fail 'nothing was changed'
client 1 check wrong.json

echo 'A real node'
cat > worker.toml << EOF
[node]
key = "$scratch/worker.key"
name = "a worker"
state = "$scratch/worker"

[network]
name = "interop"

[listen]
addresses = ["127.0.0.1:0"]

[work]
slots = 1
EOF
start_node worker
address=$(ready_value worker listen)
client 0 ping "$address" --network interop
expect_message "node $(ready_value worker node) 'a worker', [0-9.]+ ms"
client 1 ping "$address" --network another
expect_message 'network_mismatch'
client 0 count-primes "$address" 1 1000 --network interop
expect_result 168
client 0 count-primes "$address" 1 10000000 --network interop
expect_result 664579
# Its own key again: what it said before is no replay of what it says now.
seed=0101010101010101010101010101010101010101010101010101010101010101
for _ in 1 2; do
  client 0 count-primes "$address" 1 100 --network interop --key-seed $seed
  expect_result 25
done
stop_nodes
