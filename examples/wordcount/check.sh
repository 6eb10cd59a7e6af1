#!/bin/sh
# Runs both task files and compares their results, byte for byte, with what
# coreutils alone count.
# Usage: [ARTEL=PATH] check.sh
set -eu
here=$(dirname "$0")
artel=${ARTEL:-artel}
LC_ALL=C
export LC_ALL
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

# A newline between the files, so that no word spans two of them.
for file in /usr/share/common-licenses/*; do
  cat "$file"
  echo
done | tr -cs 'A-Za-z' '\n' | tr 'A-Z' 'a-z' | sort | uniq -c \
  | sort -k 1,1nr -k 2 | while read -r count word; do
    # What stands before the first letter counts as an empty word.
    if [ -n "$word" ]; then echo "$count $word"; fi
  done > "$scratch/expected"
if [ ! -s "$scratch/expected" ]; then
  echo "check: no words in /usr/share/common-licenses" >&2
  exit 1
fi

for task in wordcount own_reduce; do
  if ! "$artel" run "$here/$task.toml" > "$scratch/$task" 2> "$scratch/log"; then
    cat "$scratch/log" >&2
    echo "check: $task.toml failed" >&2
    exit 1
  fi
  if ! cmp "$scratch/expected" "$scratch/$task" >&2; then
    cat "$scratch/log" >&2
    diff "$scratch/expected" "$scratch/$task" | head -n 20 >&2 || true
    echo "check: $task.toml counted otherwise than coreutils" >&2
    exit 1
  fi
  echo "$task.toml: the same $(wc -l < "$scratch/$task") words as coreutils"
done
