/* What artel-shim reports on descriptor 3, once a run: raw memory of one
 * machine, written in one piece. Both sides are built together. */
#ifndef ARTEL_SANDBOX_SHIM_RUN_STATUS_H
#define ARTEL_SANDBOX_SHIM_RUN_STATUS_H

#include <stdint.h>

enum artel_status_kind {
  /* value is the program's wait status; the usage is set. */
  artel_status_ended = 1,
  /* value is the errno of exec. */
  artel_status_exec_failed = 2,
  /* value is the errno of the call that `step` names. */
  artel_status_setup_failed = 3
};

struct artel_run_status {
  uint32_t kind;
  int32_t value;
  /* Of the program and all descendants that were waited for. */
  uint64_t cpu_microseconds;
  /* Of the largest single process. */
  uint64_t memory_peak_bytes;
  /* Ends with a zero byte. */
  char step[32];
};

#endif
