#!/bin/sh
# Runs the task and compares the thumbnails with their known checksums.
# Usage: [ARTEL=PATH] check.sh
set -eu
here=$(dirname "$0")
artel=${ARTEL:-artel}
LC_ALL=C
export LC_ALL
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

if ! "$artel" run "$here/thumbnails.toml" --results "$scratch/results" \
  > "$scratch/out" 2> "$scratch/log"; then
  cat "$scratch/log" >&2
  echo "check: thumbnails.toml failed" >&2
  exit 1
fi

# One file a job, and no two thumbnails are alike: the sums say it all.
cut -d ' ' -f 1 "$here/expected.sha256" | sort > "$scratch/expected"
for file in "$scratch/results"/*; do
  sha256sum < "$file"
done | cut -d ' ' -f 1 | sort > "$scratch/sums"
if ! diff -u "$scratch/expected" "$scratch/sums" >&2; then
  ls -l "$scratch/results" >&2
  cat "$scratch/log" >&2
  echo "check: the thumbnails are not those of expected.sha256" >&2
  exit 1
fi
echo "thumbnails.toml: $(wc -l < "$scratch/sums") thumbnails, as expected"
