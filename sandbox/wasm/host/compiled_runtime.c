#include "sandbox/wasm/host/compiled_runtime.h"

#include "sandbox/wasm/host/module_end.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/mman.h>
#include <wasm-rt.h>

enum { page_bytes = 65536 };

uint32_t wasm_rt_call_stack_depth;

static uint32_t pages_bound;
static wasm_rt_memory_t* guest_memory;

void artel_bound_memory(uint32_t pages) {
  pages_bound = pages;
}

struct artel_wasi_memory artel_guest_memory(void) {
  struct artel_wasi_memory memory = {NULL, 0};
  if (guest_memory) {
    memory.data = guest_memory->data;
    memory.size = guest_memory->size;
  }
  return memory;
}

/* ---- Traps. */

static const char* words_for(wasm_rt_trap_t trap) {
  switch (trap) {
    case WASM_RT_TRAP_OOB: return artel_trap_out_of_bounds;
    case WASM_RT_TRAP_INT_OVERFLOW: return artel_trap_integer_overflow;
    case WASM_RT_TRAP_DIV_BY_ZERO: return artel_trap_divide_by_zero;
    case WASM_RT_TRAP_INVALID_CONVERSION: return artel_trap_invalid_conversion;
    case WASM_RT_TRAP_UNREACHABLE: return artel_trap_unreachable;
    case WASM_RT_TRAP_CALL_INDIRECT: return artel_trap_indirect_call;
    case WASM_RT_TRAP_EXHAUSTION: return artel_trap_call_stack;
    default: return "unknown trap";
  }
}

void wasm_rt_trap(wasm_rt_trap_t trap) {
  artel_end_module(artel_module_trap, 0, 0, words_for(trap));
}

bool wasm_rt_is_initialized(void) {
  return true;
}

/* ---- Types of functions: equal types get equal numbers. */

struct function_type {
  uint32_t parameters;
  uint32_t results;
  const wasm_rt_type_t* types;
};

static struct function_type* types;
static uint32_t type_count;

_Noreturn static void end_without_memory(void) {
  artel_end_module(artel_module_memory_limit, 0, 0,
                   "the machine gave no more memory");
}

static void* allocate(void* old, size_t size) {
  void* memory = realloc(old, size);
  if (!memory)
    end_without_memory();
  return memory;
}

/* Numbers begin at 1: an empty element of a table has 0. */
static uint32_t find_or_add(struct function_type wanted, size_t size) {
  for (uint32_t i = 0; i < type_count; ++i)
    if (types[i].parameters == wanted.parameters
        && types[i].results == wanted.results
        && memcmp(types[i].types, wanted.types, size) == 0)
      return i + 1;
  types = allocate(types, (type_count + 1) * sizeof(*types));
  types[type_count++] = wanted;
  return type_count;
}

uint32_t wasm_rt_register_func_type(uint32_t parameters, uint32_t results,
                                    ...) {
  size_t count = (size_t)parameters + results;
  size_t size = count * sizeof(wasm_rt_type_t);
  wasm_rt_type_t* list = allocate(NULL, size + 1);
  va_list rest;
  va_start(rest, results);
  for (size_t i = 0; i < count; ++i)
    list[i] = va_arg(rest, wasm_rt_type_t);
  va_end(rest);
  struct function_type wanted = {parameters, results, list};
  return find_or_add(wanted, size);
}

/* ---- Memory: all of its addresses are taken at the start. */

_Noreturn static void refuse_start(uint64_t wanted, uint64_t allowed,
                                   const char* unit) {
  char text[120];
  snprintf(text, sizeof(text), "starts with %llu%s; allowed are %llu",
           (unsigned long long)wanted, unit, (unsigned long long)allowed);
  artel_end_module(artel_module_memory_limit, 0, 0, text);
}

void wasm_rt_allocate_memory(wasm_rt_memory_t* memory, uint32_t initial_pages,
                             uint32_t max_pages) {
  if (initial_pages > pages_bound)
    refuse_start(initial_pages, pages_bound, " pages of memory");
  memory->pages = 0;
  memory->size = 0;
  memory->max_pages = max_pages < pages_bound ? max_pages : pages_bound;
  // Never empty, as mmap refuses that.
  size_t reserved = ((size_t)memory->max_pages + 1) * page_bytes;
  void* data = mmap(NULL, reserved, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (data == MAP_FAILED)
    end_without_memory();
  memory->data = data;
  if (wasm_rt_grow_memory(memory, initial_pages) == UINT32_MAX)
    end_without_memory();
  guest_memory = memory;
}

uint32_t wasm_rt_grow_memory(wasm_rt_memory_t* memory, uint32_t pages) {
  uint32_t before = memory->pages;
  if (pages > memory->max_pages - before)
    return UINT32_MAX;
  if (pages > 0
      && mprotect(memory->data + memory->size, (size_t)pages * page_bytes,
                  PROT_READ | PROT_WRITE)
           != 0)
    end_without_memory();
  memory->pages = before + pages;
  memory->size = memory->pages * page_bytes;
  return before;
}

void wasm_rt_free_memory(wasm_rt_memory_t* memory) {
  munmap(memory->data, ((size_t)memory->max_pages + 1) * page_bytes);
}

/* ---- Tables; without reference types they don't grow. */

void wasm_rt_allocate_funcref_table(wasm_rt_funcref_table_t* table,
                                    uint32_t elements, uint32_t max_elements) {
  if (elements > artel_elements_max)
    refuse_start(elements, artel_elements_max, " table elements");
  table->max_size = max_elements;
  table->size = elements;
  // Never empty, for the check.
  table->data = calloc((size_t)elements + 1, sizeof(*table->data));
  if (!table->data)
    end_without_memory();
}

void wasm_rt_free_funcref_table(wasm_rt_funcref_table_t* table) {
  free(table->data);
}
