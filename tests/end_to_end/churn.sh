#!/bin/bash
# Nodes of a network of processes are killed at random while tasks run; the full
# test is tools/dev churn.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

python3 "$ARTEL_ROOT/tests/cluster/churn.py" 3
