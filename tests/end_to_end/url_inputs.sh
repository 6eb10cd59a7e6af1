#!/bin/bash
# Inputs by http, over a network of processes: a client fetches what a task names,
# by hash, and refuses what is something else. Workers fetch by themselves where
# their owner allows it, from the addresses that he lists; all others, and those
# whose fetch fails, get the input from the client.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/end_to_end/nodes.sh
. "$here/nodes.sh"

server=
stop_server() {
  [ -z "$server" ] || kill "$server" 2> /dev/null || true
  [ -z "$server" ] || wait "$server" 2> /dev/null || true
  server=
}
trap 'stop_nodes; stop_server; rm -rf "$scratch"' EXIT

# configure NAME [LINE...]: of its [fetch].
configure() {
  local name=$1
  shift
  cat > "$name.toml" << END
[node]
key = "$scratch/$name.key"
name = "$name"
state = "$scratch/$name.state"

[network]
name = "urls"

[listen]
addresses = ["127.0.0.1:0"]

[discovery]
bootstrap = [${bootstrap:+\"$bootstrap\"}]

[work]
slots = 1

[fetch]
$(printf '%s\n' "$@")
END
}

# digest NAME: of a file that the server has, as sha256sum says it.
digest() { sha256sum < "www/$1" | cut -d ' ' -f 1; }

# describe FILE URL...: a task that adds up the numbers at these URLs.
describe() {
  local file=$1
  shift
  cat > "$file" << END
[task]
name = "numbers"

[input]
urls = [$(printf '"%s", ' "$@")]

[code]
kernel = "sum"

[reduce]
op = "sum"

[verification]
replicas = 5
replicas_max = 5
END
}

# client CODE ARGUMENT...: `artel job run` through the network, as process $client.
client() {
  local wanted=$1 code=0
  shift
  last_command="artel job run $*"
  "$ARTEL_BIN" job run "$@" --connect "$bootstrap" --network urls \
    > out 2> err < /dev/null &
  client=$!
  wait "$client" || code=$?
  [ "$code" -eq "$wanted" ] \
    || fail "$last_command ended with exit code $code; expected $wanted"
}

# requests PID: how often that process was served since forget_requests.
requests() {
  tail -n "+$((seen + 1))" served \
    | awk -v pid="$1" '$3 == pid { ++count } END { print count + 0 }'
}
forget_requests() { seen=$(wc -l < served); }

# expect_requests PID COUNT WHO
expect_requests() {
  local count
  count=$(requests "$1")
  [ "$count" -eq "$2" ] \
    || fail "$3 fetched $count times; expected $2: $(cat served)"
}

mkdir www
# Above 256 KiB: they go to workers in pieces, or are fetched by them.
for number in 1 2 3; do
  seq "$number" 50000 > "www/numbers$number"
done
# Less 1, and 1 + 2, of the second and third.
total=$((3 * 1250025000 - 4))
: > served
"$here/input_server.py" www > served 2> server.err &
server=$!
wait_until 10 grep -q '^listening' served || fail "$(cat server.err)"
address=http://127.0.0.1:$(sed -n 's/^listening on //p' served)
urls=()
for number in 1 2 3; do
  urls+=("$address/numbers$number#sha256=$(digest "numbers$number")")
done
describe task.toml "${urls[@]}"

bootstrap=
configure off
start_node off
bootstrap=$(ready_value off listen)
configure listed 'workers = true' 'allow = ["127.0.0.0/8"]'
configure unlisted 'workers = true'
configure exact 'workers = true' 'allow = ["127.0.0.1"]'
configure small 'workers = true' 'allow = ["127.0.0.1"]' 'bytes_max = "200KB"'
for name in listed exact unlisted small; do
  start_node "$name"
done

echo 'Refused before anything runs'
describe wrong.toml "${urls[0]}" "${urls[1]%=*}=$(digest numbers3)"
client 2 wrong.toml
expect_message "wrong.toml:.*input.urls.*/numbers2': what came has the sha256"
expect_message "expected $(digest numbers3)"
describe missing.toml "$address/nothing#sha256=$(digest numbers1)"
client 2 missing.toml
expect_message "/nothing': the server answered with status 404"
describe bare.toml "$address/numbers1"
client 2 bare.toml
expect_message 'without a hash'
describe gone.toml "http://127.0.0.1:1/numbers1#sha256=$(digest numbers1)"
rm -rf home/.cache
client 1 gone.toml
expect_message "127.0.0.1:1/numbers1': .*connect"

echo 'A worker fetches by itself where its owner lists the address'
rm -rf home/.cache
forget_requests
client 0 task.toml
expect_result "$total"
expect_requests "$client" 3 'the client'
for name in listed exact; do
  expect_requests "${node_pids[$name]}" 3 "$name"
done
for name in off unlisted small; do
  expect_requests "${node_pids[$name]}" 0 "$name"
done
wait_for_log unlisted \
  "fetched from its owner: .*/numbers1.* 127.0.0.1 is not public and not allowed"
wait_for_log small 'fetched from its owner: .*at most 200000 are fetched'
! grep -q 'fetched from its owner' listed.log exact.log \
  || fail 'who may fetch did not'

echo 'From the cache, while the server has other bytes, or leads elsewhere'
cp www/numbers2 www/moved
echo "http://127.0.0.2:${address##*:}/moved" > www/numbers2.redirect
seq 7 50007 | head -c "$(stat -c %s www/numbers3)" > www/other
mv www/other www/numbers3
forget_requests
client 0 task.toml
expect_result "$total"
expect_requests "$client" 0 'the client'
expect_requests "${node_pids[listed]}" 4 'listed'
expect_requests "${node_pids[exact]}" 3 'exact'
wait_for_log exact \
  "from its owner: .*/numbers2': its address 127.0.0.2 is not public and not allowed"
for name in listed exact; do
  wait_for_log "$name" "from its owner: .*/numbers3' has other bytes"
done
! grep -q 'from its owner: .*/numbers2' listed.log \
  || fail 'who lists both addresses did not fetch'

echo 'While the server is away'
stop_server
client 0 task.toml
expect_result "$total"
wait_for_log listed "from its owner: .*/numbers1': .*connect"
rm -rf home/.cache
client 1 task.toml
expect_message "numbers1': .*connect"
stop_nodes
echo 'inputs come by http, each with its hash'
