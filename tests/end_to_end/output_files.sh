#!/bin/bash
# Files that jobs leave in /output: agreed on like the rest of the result, kept
# by --results, bounded, and never what a link points to.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

# write_task SCRIPT: three runs of it, with files of 64 KiB in all.
write_task() {
  printf '%s\n' '#!/bin/sh' 'set -e' "$1" > job.sh
  chmod +x job.sh
  cat > task.toml << 'END'
[task]
name = "files"
type = "run"
[input]
chunks = 3
[code]
program = "job.sh"
args = ["{index}"]
[limits]
output_files = "64KiB"
[config]
max_attempts = 1
END
}

write_task 'mkdir "$ARTEL_OUTPUT/deep"; echo "job $1" > /output/deep/name
  ln -s /etc/passwd /output/link; ln -s / /output/root; echo "out $1"'
artel 0 run task.toml --results results --receipts receipts.jsonl
for job in 0 1 2; do
  [ "$(cat "results/job-00000$job.out")" = "out $job" ] || fail "output of $job"
  [ "$(cat "results/job-00000$job.files/deep/name")" = "job $job" ] \
    || fail "file of job $job"
done
[ "$(find results -type f | wc -l)" -eq 6 ] || fail "not six files in results"
[ -z "$(find results -type l)" ] || fail "a link came out of the sandbox"
artel 0 receipt verify receipts.jsonl

# Nothing is replaced unasked.
artel 2 run task.toml --results results
expect_message 'exists; give another directory, or --force'
artel 0 run task.toml --results results --force

# Dropped files are told, and listed with their hashes where JSON is asked for.
artel 0 run task.toml
expect_message '3 output files, which were dropped; --results DIR keeps them'
artel 0 run task.toml -o json
grep -q "$(printf 'job 1\n' | sha256sum | cut -d ' ' -f 1)" out \
  || fail "the hash of a file is not in the JSON"

# Too much, too many, and names that no file may have.
for script in 'head -c 65537 /dev/zero > /output/large' \
  'truncate -s 1M /output/sparse' \
  'i=0; while [ $i -lt 1025 ]; do : > /output/$i; i=$((i+1)); done' \
  'touch "$(printf "/output/new\nline")"'; do
  write_task "$script"
  artel 3 run task.toml --results other
  [ -z "$(find other -type f)" ] || fail "files were kept of: $script"
done

# Replicas that leave different files do not agree.
write_task 'head -c 16 /dev/urandom > /output/random'
artel 4 run task.toml --results other

echo "output files come out as they should"
