/* The part of WASI (wasi_snapshot_preview1) that a module gets: arguments, the
 * three standard streams, a clock and random bytes that are the same in every
 * run, and no files. The same code behind the interpreter and compiled modules.
 *
 * What a module sees depends on its bytes, arguments and input only:
 * - the clock starts at 2000-01-01 00:00 UTC and moves a millisecond each time
 *   it is read; sleeping moves it at once;
 * - random bytes come from splitmix64 with a fixed seed: never use them as
 * keys;
 * - a read fills its buffers unless the input ends, a write writes all.
 *
 * Every pointer of the module is checked before it is used; one that leads out
 * of its memory gives EFAULT. */
#ifndef ARTEL_SANDBOX_WASM_HOST_WASI_H
#define ARTEL_SANDBOX_WASM_HOST_WASI_H

#include "sandbox/wasm/host/wasi_imports.h"

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of the module; may lie elsewhere after it grew. */
struct artel_wasi_memory {
  uint8_t* data;
  uint64_t size;
};

struct artel_wasi {
  const char* const* arguments;
  uint32_t argument_count;
  /* Whether the module has closed standard input, output, error. */
  bool closed[3];
  /* Since the clock's start. */
  uint64_t elapsed_ns;
  uint64_t random_state;
  /* Set by proc_exit: the caller ends the module. */
  bool exited;
  uint32_t exit_code;
};

/* The first argument is the program's name. The strings must outlive it. */
void artel_wasi_start(struct artel_wasi* wasi, const char* const* arguments,
                      uint32_t argument_count);

/* Calls a function with its parameters, each in a value of its own. Returns
 * the WASI errno, 0 where the function has no result. */
uint32_t artel_wasi_call(struct artel_wasi* wasi,
                         enum artel_wasi_function function,
                         struct artel_wasi_memory memory,
                         const uint64_t* parameters);

#ifdef __cplusplus
}
#endif

#endif
