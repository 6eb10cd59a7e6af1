#!/bin/bash
# A node whose key its network revokes loses its links, and gets none again.
# shellcheck source=tests/end_to_end/lib.sh
. "$(dirname "$0")/lib.sh"

python3 "$ARTEL_ROOT/tests/cluster/revoke.py"
