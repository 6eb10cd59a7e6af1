#include "sandbox/shim/report.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool report_bytes(const void* data, size_t size) {
  const char* rest = data;
  while (size > 0) {
    ssize_t written = write(report_descriptor, rest, size);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return false;
    rest += written;
    size -= (size_t)written;
  }
  return true;
}

static bool report(uint32_t kind, const struct artel_run_status* status) {
  struct {
    struct artel_record_header header;
    struct artel_run_status status;
  } record = {{kind, sizeof(*status)}, *status};
  // Smaller than a pipe's atomic size, so it is written whole or not at all.
  return write(report_descriptor, &record, sizeof(record))
         == (ssize_t)sizeof(record);
}

bool report_status(uint32_t kind, int value, const char* step) {
  struct artel_run_status status;
  memset(&status, 0, sizeof(status));
  status.value = value;
  strncpy(status.step, step, sizeof(status.step) - 1);
  return report(kind, &status);
}

bool report_end(int wait_status, const struct rusage* usage) {
  struct artel_run_status status;
  memset(&status, 0, sizeof(status));
  status.value = wait_status;
  status.cpu_microseconds =
    (uint64_t)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000
    + (uint64_t)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec);
  status.memory_peak_bytes = (uint64_t)usage->ru_maxrss * 1024;
  return report(artel_record_ended, &status);
}
