/* The imports of compiled modules, by the names that wasm2c gives them. */
#ifndef ARTEL_SANDBOX_WASM_HOST_COMPILED_IMPORTS_H
#define ARTEL_SANDBOX_WASM_HOST_COMPILED_IMPORTS_H

#include <stdint.h>

/* Before the module is made; the strings must outlive it. */
void artel_start_imports(const char* const* arguments, uint32_t argument_count);

#endif
