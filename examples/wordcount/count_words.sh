#!/bin/sh
# Counts the words of FILE, or of standard input: lines "COUNT WORD", by word.
# A word is a run of the letters A to Z; capitals count as small letters.
# Needs a POSIX shell and coreutils, nothing else.
# Usage: count_words.sh [FILE]
set -eu
PATH=/usr/bin:/bin
LC_ALL=C
export PATH LC_ALL

# A shell ends where this fails; a pipeline would hide it.
if [ "$#" -gt 0 ]; then exec < "$1"; fi

# The newline in front makes the first line an empty one, whatever the file
# begins with, so that it can be dropped.
{ echo; cat; } | tr -cs '[:alpha:]' '\n' | tail -n +2 \
  | tr '[:upper:]' '[:lower:]' | sort | uniq -c
