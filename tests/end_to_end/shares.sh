#!/bin/bash
# How much of the machine jobs may use, and what workers refuse.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

task=("$examples/primes/primes.toml" --range 1..1000000 --chunks 20)

# Runs wait for their share of cores and memory, and all get done.
artel 0 run "${task[@]}" --share-cores 1 --share-memory 70MiB
expect_result 78498

# More than there is, nothing at all, and what is no number.
artel 2 run "${task[@]}" --share-cores 100000
expect_message 'share of 100000 cores; this machine has'
artel 2 run "${task[@]}" --share-memory 1000TiB
expect_message 'bytes of memory; this machine has'
artel 2 run "${task[@]}" --share-cores 0
expect_message '--share-cores: 0 given'
artel 2 run "${task[@]}" --share-memory 0
expect_message '--share-memory: 0 given'
artel 2 run "${task[@]}" --share-cores many
expect_message '--share-cores: '
artel 2 run "${task[@]}" --cap-wall-time 5
expect_message '--cap-wall-time: '

# What asks for more than a worker allows is refused by all of them, in words.
artel 6 run "${task[@]}" --cap-memory 32MiB
expect_result ''
expect_message 'asks for 67108864 bytes of memory; this worker allows 33554432'
artel 6 run "${task[@]}" --cap-wall-time 1s
expect_message 'asks for 10000 ms of wall time; this worker allows 1000 ms'
# So is what asks for more than all jobs together may use.
artel 6 run "${task[@]}" --share-memory 32MiB
expect_message 'this worker allows 33554432'

echo "shares of the machine and caps hold"
