/* How a module's run ends: the words for traps, the same from the interpreter
 * and from compiled modules, and the report on descriptor 3. */
#ifndef ARTEL_SANDBOX_WASM_HOST_MODULE_END_H
#define ARTEL_SANDBOX_WASM_HOST_MODULE_END_H

#include "sandbox/shim/run_status.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Compiled modules can't tell memory from tables, so a table's bounds have no
 * words of their own. */
static const char artel_trap_out_of_bounds[] = "out of bounds memory access";
static const char artel_trap_integer_overflow[] = "integer overflow";
static const char artel_trap_divide_by_zero[] = "integer divide by zero";
static const char artel_trap_invalid_conversion[] =
  "invalid conversion to integer";
static const char artel_trap_unreachable[] = "unreachable executed";
static const char artel_trap_indirect_call[] = "invalid indirect call";
static const char artel_trap_call_stack[] = "call stack exhausted";

enum {
  artel_calls_default = 4096,
  artel_pages_default = 4096,
  /* One less than WebAssembly has: the size in bytes fits 32 bits. */
  artel_pages_max = 65535,
  /* Of a table. */
  artel_elements_max = 1 << 20,
};

/* Call it before any file is opened: where descriptor 3 is not open, the report
 * goes to standard error, in words. */
void artel_find_report_descriptor(void);

/* Ends the process: with the module's exit code where it exited, else with 1.
 */
__attribute__((noreturn)) void artel_end_module(enum artel_module_end end,
                                                int32_t value,
                                                uint64_t fuel_used,
                                                const char* text);

#ifdef __cplusplus
}
#endif

#endif
