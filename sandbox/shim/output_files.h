/* Sends the regular files below a directory as records. */
#ifndef ARTEL_SANDBOX_SHIM_OUTPUT_FILES_H
#define ARTEL_SANDBOX_SHIM_OUTPUT_FILES_H

#include <stdbool.h>
#include <stdint.h>

/* Follows no link and leaves no file system; what is no regular file is passed
 * over. Where the files are too many, too large or too deep, a record says so
 * instead. False where nothing could be told. */
bool send_output_files(const char* directory, uint64_t bytes_max);

#endif
