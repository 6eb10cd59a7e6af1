/* The program around a compiled module (guest_start.c has the recipe):
 *
 *   PROGRAM --pages N [--name NAME] [--] [ARGUMENT...]
 *
 * Ends as artel-wasm does, with a report on descriptor 3. The module runs on a
 * stack of its own, with room for as many calls as it may nest; one that fills
 * it earlier, with frames above 16 KiB each, hits the guard below it and ends
 * like one that nests too many calls. */
#define _GNU_SOURCE
#include "sandbox/wasm/host/compiled_imports.h"
#include "sandbox/wasm/host/compiled_runtime.h"
#include "sandbox/wasm/host/module_end.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

#include <sys/mman.h>

/* Of guest_start.c: makes the module's memory and tables, calls its _start. */
void artel_run_guest(void);

enum {
  stack_bytes = artel_calls_default * 16384,
  guard_bytes = 1 << 20,
  signal_stack_bytes = 1 << 16,
  exit_usage = 2,
};

static uint8_t* guard;

static void fail(const char* message) {
  fprintf(stderr, "artel: compiled module: %s\n", message);
  _exit(exit_usage);
}

/* Beside the guard it is a crash: the fault comes again, and ends the process.
 */
static void on_fault(int signal_number, siginfo_t* information, void* context) {
  (void)context;
  const uint8_t* address = information->si_addr;
  if (address >= guard && address < guard + guard_bytes)
    artel_end_module(artel_module_trap, 0, 0, artel_trap_call_stack);
  signal(signal_number, SIG_DFL);
}

static void catch_faults(void) {
  static uint8_t signal_stack[signal_stack_bytes];
  stack_t stack = {.ss_sp = signal_stack, .ss_size = sizeof(signal_stack)};
  struct sigaction action;
  memset(&action, 0, sizeof(action));
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  if (sigaltstack(&stack, NULL) != 0 || sigaction(SIGSEGV, &action, NULL) != 0)
    fail("cannot catch faults");
}

static void run_on_own_stack(void) {
  static ucontext_t own;
  static ucontext_t back;
  uint8_t* stack =
    mmap(NULL, guard_bytes + stack_bytes, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED || mprotect(stack, guard_bytes, PROT_NONE) != 0
      || getcontext(&own) != 0)
    artel_end_module(artel_module_memory_limit, 0, 0,
                     "the machine gave no memory for the stack");
  guard = stack;
  own.uc_stack.ss_sp = stack + guard_bytes;
  own.uc_stack.ss_size = stack_bytes;
  own.uc_link = &back;
  makecontext(&own, artel_run_guest, 0);
  swapcontext(&back, &own);
}

static uint32_t parse_pages(const char* text) {
  char* end = NULL;
  errno = 0;
  unsigned long pages = strtoul(text, &end, 10);
  if (*text < '0' || *text > '9' || *end != '\0' || errno != 0
      || pages > artel_pages_max)
    fail("--pages takes a number up to 65535");
  return (uint32_t)pages;
}

/* Returns where the module's arguments begin. */
static int parse(int count, char** arguments, const char** name) {
  bool has_pages = false;
  int i = 1;
  for (; i < count && strncmp(arguments[i], "--", 2) == 0; i += 2) {
    if (strcmp(arguments[i], "--") == 0) {
      ++i;
      break;
    }
    if (i + 1 >= count)
      fail("an option without its value");
    if (strcmp(arguments[i], "--pages") == 0) {
      artel_bound_memory(parse_pages(arguments[i + 1]));
      has_pages = true;
    } else if (strcmp(arguments[i], "--name") == 0) {
      *name = arguments[i + 1];
    } else {
      fail("knows only --pages and --name");
    }
  }
  if (!has_pages)
    fail("needs --pages");
  return i;
}

int main(int count, char** arguments) {
  artel_find_report_descriptor();
  const char* name = arguments[0];
  int first = parse(count, arguments, &name);
  // The place of an option, or of the program's own name.
  arguments[first - 1] = (char*)name;
  artel_start_imports((const char* const*)arguments + first - 1,
                      (uint32_t)(count - first + 1));
  catch_faults();
  run_on_own_stack();
  artel_end_module(artel_module_exited, 0, 0, "");
}
