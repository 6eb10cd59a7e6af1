/* Writes the shim's own records to descriptor 3. */
#ifndef ARTEL_SANDBOX_SHIM_REPORT_H
#define ARTEL_SANDBOX_SHIM_REPORT_H

#include "sandbox/shim/run_status.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

enum { report_descriptor = 3 };

/* All of it, however many writes that takes. */
bool report_bytes(const void* data, size_t size);

bool report_status(uint32_t kind, int value, const char* step);

bool report_end(int wait_status, const struct rusage* usage);

#endif
