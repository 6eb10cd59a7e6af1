#!/bin/sh
# Adds up lines "COUNT WORD" from standard input by word, and prints them the
# most frequent word first, equally frequent ones by word. Its output may be its
# input again: that is what makes it a reduce step.
# Needs a POSIX shell and coreutils, nothing else.
# Usage: merge_counts.sh < counts
set -eu
PATH=/usr/bin:/bin
LC_ALL=C
export PATH LC_ALL

# add_up: sums of lines that are sorted by word, so that one sum at a time is
# kept.
add_up() {
  word=
  sum=0
  while read -r count next; do
    # A number that begins with 0 would be taken as an octal one.
    case $count in
      0* | *[!0-9]*) next= ;;
    esac
    if [ -z "$next" ]; then
      echo 'merge_counts.sh: expected lines "COUNT WORD" alone' >&2
      return 1
    fi
    if [ "$next" != "$word" ]; then
      if [ "$sum" -gt 0 ]; then echo "$sum $word"; fi
      word=$next
      sum=0
    fi
    sum=$((sum + count))
  done
  if [ "$sum" -gt 0 ]; then echo "$sum $word"; fi
}

# By way of a variable: a pipeline would hide that add_up failed.
sums=$(sort -b -k 2 | add_up)
if [ -n "$sums" ]; then printf '%s\n' "$sums" | sort -k 1,1nr -k 2; fi
