#include "sandbox/wasm/host/module_end.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { report_descriptor = 3 };

static bool has_descriptor = false;

static const char* const end_names[] = {
  [artel_module_exited] = "exited",
  [artel_module_invalid] = "invalid module",
  [artel_module_unsupported_import] = "unsupported import",
  [artel_module_fuel_exhausted] = "fuel exhausted",
  [artel_module_trap] = "trap",
  [artel_module_memory_limit] = "memory limit",
};

void artel_find_report_descriptor(void) {
  has_descriptor = fcntl(report_descriptor, F_GETFD) >= 0;
}

/* The text may hold names out of a module: no control characters from there. */
static void copy_text(char* to, size_t size, const char* from) {
  size_t length = 0;
  for (; from[length] != '\0' && length + 1 < size; ++length)
    to[length] =
      from[length] >= ' ' && from[length] <= '~' ? from[length] : '?';
  to[length] = '\0';
}

static void write_words(const struct artel_module_report* report) {
  char line[400];
  int length = snprintf(line, sizeof(line), "artel: %s %d, fuel %llu%s%s\n",
                        end_names[report->end], (int)report->value,
                        (unsigned long long)report->fuel_used,
                        report->text[0] == '\0' ? "" : ": ", report->text);
  if (write(2, line, (size_t)length) < 0)
    return;
}

void artel_end_module(enum artel_module_end end, int32_t value,
                      uint64_t fuel_used, const char* text) {
  struct {
    struct artel_record_header header;
    struct artel_module_report report;
  } record;
  memset(&record, 0, sizeof(record));
  record.header.kind = artel_record_module;
  record.header.length = sizeof(record.report);
  record.report.end = end;
  record.report.value = value;
  record.report.fuel_used = fuel_used;
  copy_text(record.report.text, sizeof(record.report.text), text);
  // Smaller than a pipe's atomic size, so it is written whole or not at all.
  if (!has_descriptor || write(report_descriptor, &record, sizeof(record)) < 0)
    write_words(&record.report);
  _exit(end == artel_module_exited ? value & 255 : 1);
}
