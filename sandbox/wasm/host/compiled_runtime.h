/* The runtime that wasm2c's C calls (wasm-rt.h): memory that never moves and
 * never grows past a bound that is set before, traps that end the process. */
#ifndef ARTEL_SANDBOX_WASM_HOST_COMPILED_RUNTIME_H
#define ARTEL_SANDBOX_WASM_HOST_COMPILED_RUNTIME_H

#include "sandbox/wasm/host/wasi.h"

#include <stdint.h>

/* Before the module is made. */
void artel_bound_memory(uint32_t pages);

/* The module's memory as it is now; nothing where it has none. */
struct artel_wasi_memory artel_guest_memory(void);

#endif
