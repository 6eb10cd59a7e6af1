#!/bin/bash
# Commands without a task file, plans, and what artel says of itself.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

cp "$examples/primes/bin/primes" primes
artel 0 run --range 1..1000000 --chunks 10 --reduce sum \
  -- ./primes '{first}' '{last}'
expect_result 78498

cp "$examples/wordcount/count_words.sh" count
mkdir texts
echo 'one fish two fish' > texts/a.txt
echo 'red fish blue fish' > texts/b.txt
artel 0 run --each 'texts/*.txt' --reduce merge-counts -- ./count '{file}'
expect_result '4 fish
1 blue
1 one
1 red
1 two'

# A plan says what would happen, and does nothing.
printf '%s\n' '#!/bin/sh' 'exit 1' > failing
chmod +x failing
artel 0 job plan "$examples/primes/primes.toml"
grep -q 200 out || fail 'the plan does not tell its 200 jobs'
artel 0 job plan "$examples/flaky/broken.toml"
artel 2 job plan missing.toml
expect_message 'missing\.toml'

artel 0 version
grep -qE '[0-9]+\.[0-9]+\.[0-9]+' out || fail 'no version number'
artel 0 help
for command in 'job run' 'job plan' 'job retry' 'receipt verify' 'key new'; do
  grep -q "$command" out || fail "help does not list '$command'"
done
artel 0 help job run
for flag in --range --chunks --replicas --budget --timeout --max-attempts \
  --reduce --local --receipts --results; do
  grep -q -- "$flag" out || fail "help job run does not explain $flag"
done
artel 0 completion bash
bash -n out || fail 'the completion is not a bash script'
