#include "sandbox/wasm/host/compiled_imports.h"

#include "sandbox/wasm/host/compiled_runtime.h"
#include "sandbox/wasm/host/module_end.h"
#include "sandbox/wasm/host/wasi.h"

#include <wasm-rt.h>

/* wasm2c passes one on to each import; there is nothing in it. */
struct host;

static struct artel_wasi wasi;

void artel_start_imports(const char* const* arguments,
                         uint32_t argument_count) {
  artel_wasi_start(&wasi, arguments, argument_count);
}

/* Counts as a call, as it does in the interpreter. */
static uint32_t call(enum artel_wasi_function function,
                     const uint64_t* parameters) {
  if (wasm_rt_call_stack_depth >= WASM_RT_MAX_CALL_STACK_DEPTH)
    wasm_rt_trap(WASM_RT_TRAP_EXHAUSTION);
  uint32_t error =
    artel_wasi_call(&wasi, function, artel_guest_memory(), parameters);
  if (wasi.exited)
    artel_end_module(artel_module_exited, (int32_t)wasi.exit_code, 0, "");
  return error;
}

void Z_wasi_snapshot_preview1Z_proc_exit(struct host* host, uint32_t a) {
  (void)host;
  const uint64_t parameters[] = {a};
  call(artel_wasi_proc_exit, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_args_get(struct host* host, uint32_t a,
                                            uint32_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_args_get, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_args_sizes_get(struct host* host, uint32_t a,
                                                  uint32_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_args_sizes_get, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_clock_res_get(struct host* host, uint32_t a,
                                                 uint32_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_clock_res_get, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_clock_time_get(struct host* host, uint32_t a,
                                                  uint64_t b, uint32_t c) {
  (void)host;
  const uint64_t parameters[] = {a, b, c};
  return call(artel_wasi_clock_time_get, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_environ_get(struct host* host, uint32_t a,
                                               uint32_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_environ_get, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_environ_sizes_get(struct host* host,
                                                     uint32_t a, uint32_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_environ_sizes_get, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_advise(struct host* host, uint32_t a,
                                             uint64_t b, uint64_t c,
                                             uint32_t d) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d};
  return call(artel_wasi_fd_advise, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_allocate(struct host* host, uint32_t a,
                                               uint64_t b, uint64_t c) {
  (void)host;
  const uint64_t parameters[] = {a, b, c};
  return call(artel_wasi_fd_allocate, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_close(struct host* host, uint32_t a) {
  (void)host;
  const uint64_t parameters[] = {a};
  return call(artel_wasi_fd_close, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_datasync(struct host* host, uint32_t a) {
  (void)host;
  const uint64_t parameters[] = {a};
  return call(artel_wasi_fd_datasync, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_fdstat_get(struct host* host, uint32_t a,
                                                 uint32_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_fd_fdstat_get, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_fdstat_set_flags(struct host* host,
                                                       uint32_t a, uint32_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_fd_fdstat_set_flags, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_fdstat_set_rights(struct host* host,
                                                        uint32_t a, uint64_t b,
                                                        uint64_t c) {
  (void)host;
  const uint64_t parameters[] = {a, b, c};
  return call(artel_wasi_fd_fdstat_set_rights, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_filestat_get(struct host* host,
                                                   uint32_t a, uint32_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_fd_filestat_get, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_filestat_set_size(struct host* host,
                                                        uint32_t a,
                                                        uint64_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_fd_filestat_set_size, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_filestat_set_times(struct host* host,
                                                         uint32_t a, uint64_t b,
                                                         uint64_t c,
                                                         uint32_t d) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d};
  return call(artel_wasi_fd_filestat_set_times, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_pread(struct host* host, uint32_t a,
                                            uint32_t b, uint32_t c, uint64_t d,
                                            uint32_t e) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d, e};
  return call(artel_wasi_fd_pread, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_prestat_dir_name(struct host* host,
                                                       uint32_t a, uint32_t b,
                                                       uint32_t c) {
  (void)host;
  const uint64_t parameters[] = {a, b, c};
  return call(artel_wasi_fd_prestat_dir_name, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_prestat_get(struct host* host, uint32_t a,
                                                  uint32_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_fd_prestat_get, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_pwrite(struct host* host, uint32_t a,
                                             uint32_t b, uint32_t c, uint64_t d,
                                             uint32_t e) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d, e};
  return call(artel_wasi_fd_pwrite, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_read(struct host* host, uint32_t a,
                                           uint32_t b, uint32_t c, uint32_t d) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d};
  return call(artel_wasi_fd_read, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_readdir(struct host* host, uint32_t a,
                                              uint32_t b, uint32_t c,
                                              uint64_t d, uint32_t e) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d, e};
  return call(artel_wasi_fd_readdir, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_renumber(struct host* host, uint32_t a,
                                               uint32_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_fd_renumber, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_seek(struct host* host, uint32_t a,
                                           uint64_t b, uint32_t c, uint32_t d) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d};
  return call(artel_wasi_fd_seek, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_sync(struct host* host, uint32_t a) {
  (void)host;
  const uint64_t parameters[] = {a};
  return call(artel_wasi_fd_sync, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_tell(struct host* host, uint32_t a,
                                           uint32_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_fd_tell, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_fd_write(struct host* host, uint32_t a,
                                            uint32_t b, uint32_t c,
                                            uint32_t d) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d};
  return call(artel_wasi_fd_write, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_path_create_directory(struct host* host,
                                                         uint32_t a, uint32_t b,
                                                         uint32_t c) {
  (void)host;
  const uint64_t parameters[] = {a, b, c};
  return call(artel_wasi_path_create_directory, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_path_filestat_get(struct host* host,
                                                     uint32_t a, uint32_t b,
                                                     uint32_t c, uint32_t d,
                                                     uint32_t e) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d, e};
  return call(artel_wasi_path_filestat_get, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_path_filestat_set_times(
  struct host* host, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint64_t e,
  uint64_t f, uint32_t g) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d, e, f, g};
  return call(artel_wasi_path_filestat_set_times, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_path_link(struct host* host, uint32_t a,
                                             uint32_t b, uint32_t c, uint32_t d,
                                             uint32_t e, uint32_t f,
                                             uint32_t g) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d, e, f, g};
  return call(artel_wasi_path_link, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_path_open(struct host* host, uint32_t a,
                                             uint32_t b, uint32_t c, uint32_t d,
                                             uint32_t e, uint64_t f, uint64_t g,
                                             uint32_t h, uint32_t i) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d, e, f, g, h, i};
  return call(artel_wasi_path_open, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_path_readlink(struct host* host, uint32_t a,
                                                 uint32_t b, uint32_t c,
                                                 uint32_t d, uint32_t e,
                                                 uint32_t f) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d, e, f};
  return call(artel_wasi_path_readlink, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_path_remove_directory(struct host* host,
                                                         uint32_t a, uint32_t b,
                                                         uint32_t c) {
  (void)host;
  const uint64_t parameters[] = {a, b, c};
  return call(artel_wasi_path_remove_directory, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_path_rename(struct host* host, uint32_t a,
                                               uint32_t b, uint32_t c,
                                               uint32_t d, uint32_t e,
                                               uint32_t f) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d, e, f};
  return call(artel_wasi_path_rename, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_path_symlink(struct host* host, uint32_t a,
                                                uint32_t b, uint32_t c,
                                                uint32_t d, uint32_t e) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d, e};
  return call(artel_wasi_path_symlink, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_path_unlink_file(struct host* host,
                                                    uint32_t a, uint32_t b,
                                                    uint32_t c) {
  (void)host;
  const uint64_t parameters[] = {a, b, c};
  return call(artel_wasi_path_unlink_file, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_poll_oneoff(struct host* host, uint32_t a,
                                               uint32_t b, uint32_t c,
                                               uint32_t d) {
  (void)host;
  const uint64_t parameters[] = {a, b, c, d};
  return call(artel_wasi_poll_oneoff, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_random_get(struct host* host, uint32_t a,
                                              uint32_t b) {
  (void)host;
  const uint64_t parameters[] = {a, b};
  return call(artel_wasi_random_get, parameters);
}

uint32_t Z_wasi_snapshot_preview1Z_sched_yield(struct host* host) {
  (void)host;
  const uint64_t parameters[] = {0};
  return call(artel_wasi_sched_yield, parameters);
}
