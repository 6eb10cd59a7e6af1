/* A module compiled by wasm2c, and its start: the one source that is compiled
 * for each module. The rest lies ready in libartel-wasi.a (compiled_host.c). In
 * a directory with the module:
 *
 *   artel-wasm canonicalize MODULE module.wasm     (or with --nan as_is)
 *   wasm2c --no-debug-names -n guest module.wasm -o guest.c
 *   gcc -O1 -w -std=gnu11 -fno-math-errno -ffp-contract=off
 *       -fstack-clash-protection -DWASM_RT_MEMCHECK_SIGNAL_HANDLER=0
 *       -DWASM_RT_MAX_CALL_STACK_DEPTH=4096 -I.
 *       -static -Wl,--gc-sections -o PROGRAM
 *       LIBEXEC/wasm/guest_start.c LIBEXEC/wasm/libartel-wasi.a -lm
 *
 * with wasm-rt.h of Debian's wabt. -fstack-clash-protection makes a call that
 * goes past the stack meet its guard; the other flags keep arithmetic as
 * WebAssembly has it. canonicalize must not be left out: it refuses modules
 * whose names would become C code. */
#include <guest.c>

/* Declared by guest.h only where the module imports something. */
struct Z_wasi_snapshot_preview1_instance_t;

typedef void any_function(void);
typedef void instantiate_alone(Z_guest_instance_t*);
typedef void
instantiate_with_imports(Z_guest_instance_t*,
                         struct Z_wasi_snapshot_preview1_instance_t*);

static Z_guest_instance_t guest;

static void call_alone(any_function* instantiate) {
  ((instantiate_alone*)instantiate)(&guest);
}

static void call_with_imports(any_function* instantiate) {
  ((instantiate_with_imports*)instantiate)(&guest, NULL);
}

/* Called by the host; runs the module to its end. */
void artel_run_guest(void) {
  Z_guest_init_module();
  _Generic(&Z_guest_instantiate, instantiate_alone *
           : call_alone, default
           : call_with_imports)((any_function*)&Z_guest_instantiate);
  Z_guestZ__start(&guest);
}
