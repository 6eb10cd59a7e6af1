/* What comes out of a sandbox on descriptor 3: records, each a header and as
 * many bytes as it says. Raw memory of one machine; both sides are built
 * together. A record but for artel_record_file is written in one piece. */
#ifndef ARTEL_SANDBOX_SHIM_RUN_STATUS_H
#define ARTEL_SANDBOX_SHIM_RUN_STATUS_H

#include <stdint.h>

enum artel_record_kind {
  /* From artel-shim; struct artel_run_status. The first of these counts. */
  /* value is the program's wait status; the usage is set. */
  artel_record_ended = 1,
  /* value is the errno of exec. */
  artel_record_exec_failed = 2,
  /* value is the errno of the call that `step` names. */
  artel_record_setup_failed = 3,

  /* From a program that the shim was told to trust with it (--reports): how a
   * WebAssembly module ended; struct artel_module_report. */
  artel_record_module = 4,

  /* From artel-shim, after artel_record_ended: one output file. A struct
   * artel_file_head, the name, the content. */
  artel_record_file = 5,
  /* After the files, where not all could be told: struct artel_run_status with
   * the errno in value and why in step. */
  artel_record_files_incomplete = 6
};

struct artel_record_header {
  uint32_t kind;
  /* Bytes that follow. */
  uint32_t length;
};

struct artel_run_status {
  int32_t value;
  uint32_t unused;
  /* Of the program and all descendants that were waited for. */
  uint64_t cpu_microseconds;
  /* Of the largest single process. */
  uint64_t memory_peak_bytes;
  /* Ends with a zero byte. */
  char step[32];
};

enum artel_module_end {
  /* Ran to its end or called proc_exit; value is the exit code. */
  artel_module_exited = 1,
  artel_module_invalid = 2,
  artel_module_unsupported_import = 3,
  artel_module_fuel_exhausted = 4,
  artel_module_trap = 5,
  /* Asks for more memory at its start than is allowed. */
  artel_module_memory_limit = 6
};

struct artel_module_report {
  uint32_t end;
  int32_t value;
  /* Instructions; 0 where nobody counts. */
  uint64_t fuel_used;
  /* What was wrong, in words; ends with a zero byte. */
  char text[240];
};

struct artel_file_head {
  uint32_t name_bytes;
  uint32_t unused;
  uint64_t data_bytes;
};

#endif
