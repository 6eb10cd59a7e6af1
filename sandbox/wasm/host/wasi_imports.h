/* The functions that a WebAssembly module may import, all from
 * "wasi_snapshot_preview1", with their types: what admission lets through, and
 * what both ways to run a module offer. Whatever is not here is refused. */
#ifndef ARTEL_SANDBOX_WASM_HOST_WASI_IMPORTS_H
#define ARTEL_SANDBOX_WASM_HOST_WASI_IMPORTS_H

enum artel_wasi_function {
  artel_wasi_args_get,
  artel_wasi_args_sizes_get,
  artel_wasi_clock_res_get,
  artel_wasi_clock_time_get,
  artel_wasi_environ_get,
  artel_wasi_environ_sizes_get,
  artel_wasi_fd_advise,
  artel_wasi_fd_allocate,
  artel_wasi_fd_close,
  artel_wasi_fd_datasync,
  artel_wasi_fd_fdstat_get,
  artel_wasi_fd_fdstat_set_flags,
  artel_wasi_fd_fdstat_set_rights,
  artel_wasi_fd_filestat_get,
  artel_wasi_fd_filestat_set_size,
  artel_wasi_fd_filestat_set_times,
  artel_wasi_fd_pread,
  artel_wasi_fd_prestat_dir_name,
  artel_wasi_fd_prestat_get,
  artel_wasi_fd_pwrite,
  artel_wasi_fd_read,
  artel_wasi_fd_readdir,
  artel_wasi_fd_renumber,
  artel_wasi_fd_seek,
  artel_wasi_fd_sync,
  artel_wasi_fd_tell,
  artel_wasi_fd_write,
  artel_wasi_path_create_directory,
  artel_wasi_path_filestat_get,
  artel_wasi_path_filestat_set_times,
  artel_wasi_path_link,
  artel_wasi_path_open,
  artel_wasi_path_readlink,
  artel_wasi_path_remove_directory,
  artel_wasi_path_rename,
  artel_wasi_path_symlink,
  artel_wasi_path_unlink_file,
  artel_wasi_poll_oneoff,
  artel_wasi_proc_exit,
  artel_wasi_random_get,
  artel_wasi_sched_yield,
  artel_wasi_function_count
};

enum { artel_wasi_parameters_max = 9 };

struct artel_wasi_import {
  enum artel_wasi_function function;
  const char* name;
  /* A letter each: i for i32, I for i64. */
  const char* parameters;
  const char* result;
};

static const char artel_wasi_module[] = "wasi_snapshot_preview1";

static const struct artel_wasi_import
  artel_wasi_imports[artel_wasi_function_count] = {
    {artel_wasi_args_get, "args_get", "ii", "i"},
    {artel_wasi_args_sizes_get, "args_sizes_get", "ii", "i"},
    {artel_wasi_clock_res_get, "clock_res_get", "ii", "i"},
    {artel_wasi_clock_time_get, "clock_time_get", "iIi", "i"},
    {artel_wasi_environ_get, "environ_get", "ii", "i"},
    {artel_wasi_environ_sizes_get, "environ_sizes_get", "ii", "i"},
    {artel_wasi_fd_advise, "fd_advise", "iIIi", "i"},
    {artel_wasi_fd_allocate, "fd_allocate", "iII", "i"},
    {artel_wasi_fd_close, "fd_close", "i", "i"},
    {artel_wasi_fd_datasync, "fd_datasync", "i", "i"},
    {artel_wasi_fd_fdstat_get, "fd_fdstat_get", "ii", "i"},
    {artel_wasi_fd_fdstat_set_flags, "fd_fdstat_set_flags", "ii", "i"},
    {artel_wasi_fd_fdstat_set_rights, "fd_fdstat_set_rights", "iII", "i"},
    {artel_wasi_fd_filestat_get, "fd_filestat_get", "ii", "i"},
    {artel_wasi_fd_filestat_set_size, "fd_filestat_set_size", "iI", "i"},
    {artel_wasi_fd_filestat_set_times, "fd_filestat_set_times", "iIIi", "i"},
    {artel_wasi_fd_pread, "fd_pread", "iiiIi", "i"},
    {artel_wasi_fd_prestat_dir_name, "fd_prestat_dir_name", "iii", "i"},
    {artel_wasi_fd_prestat_get, "fd_prestat_get", "ii", "i"},
    {artel_wasi_fd_pwrite, "fd_pwrite", "iiiIi", "i"},
    {artel_wasi_fd_read, "fd_read", "iiii", "i"},
    {artel_wasi_fd_readdir, "fd_readdir", "iiiIi", "i"},
    {artel_wasi_fd_renumber, "fd_renumber", "ii", "i"},
    {artel_wasi_fd_seek, "fd_seek", "iIii", "i"},
    {artel_wasi_fd_sync, "fd_sync", "i", "i"},
    {artel_wasi_fd_tell, "fd_tell", "ii", "i"},
    {artel_wasi_fd_write, "fd_write", "iiii", "i"},
    {artel_wasi_path_create_directory, "path_create_directory", "iii", "i"},
    {artel_wasi_path_filestat_get, "path_filestat_get", "iiiii", "i"},
    {artel_wasi_path_filestat_set_times, "path_filestat_set_times", "iiiiIIi",
     "i"},
    {artel_wasi_path_link, "path_link", "iiiiiii", "i"},
    {artel_wasi_path_open, "path_open", "iiiiiIIii", "i"},
    {artel_wasi_path_readlink, "path_readlink", "iiiiii", "i"},
    {artel_wasi_path_remove_directory, "path_remove_directory", "iii", "i"},
    {artel_wasi_path_rename, "path_rename", "iiiiii", "i"},
    {artel_wasi_path_symlink, "path_symlink", "iiiii", "i"},
    {artel_wasi_path_unlink_file, "path_unlink_file", "iii", "i"},
    {artel_wasi_poll_oneoff, "poll_oneoff", "iiii", "i"},
    {artel_wasi_proc_exit, "proc_exit", "i", ""},
    {artel_wasi_random_get, "random_get", "ii", "i"},
    {artel_wasi_sched_yield, "sched_yield", "", "i"},
};

#endif
