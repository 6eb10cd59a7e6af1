#include "sandbox/wasm/host/wasi.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* Numbers of the public specification. */
enum {
  wasi_success = 0,
  wasi_again = 6,
  wasi_badf = 8,
  wasi_fault = 21,
  wasi_fbig = 22,
  wasi_inval = 28,
  wasi_io = 29,
  wasi_nospc = 51,
  wasi_notdir = 54,
  wasi_notsup = 58,
  wasi_pipe = 64,
  wasi_spipe = 70,
  wasi_notcapable = 76,
};

enum { clock_realtime = 0, clock_thread_cputime = 3 };
enum { event_clock = 0, event_fd_read = 1, event_fd_write = 2 };
enum { clock_flag_absolute = 1 };

enum {
  /* Of one read or write, as POSIX has it. */
  buffers_max = 1024,
  subscriptions_max = 1024,
  buffer_entry_bytes = 8,
  subscription_bytes = 48,
  event_bytes = 32,
  fdstat_bytes = 24,
  filestat_bytes = 64,
};

static const uint64_t clock_start_ns = UINT64_C(946684800000000000);
static const uint64_t clock_step_ns = 1000000;
static const uint64_t random_seed = UINT64_C(0x617274656c203031);

static const uint64_t right_fd_read = 1 << 1;
static const uint64_t right_fd_write = 1 << 6;
static const uint64_t right_fd_filestat_get = 1 << 21;
static const uint64_t right_poll = 1 << 27;

/* One call: what the functions below share. */
struct call {
  struct artel_wasi* wasi;
  struct artel_wasi_memory memory;
  const uint64_t* parameters;
};

static uint32_t parameter(const struct call* call, int index) {
  return (uint32_t)call->parameters[index];
}

static bool inside(const struct call* call, uint64_t address, uint64_t size) {
  return size <= call->memory.size && address <= call->memory.size - size;
}

/* The module's memory is little endian, and so are the machines that artel
 * runs on; addresses need no alignment. The range has been checked. */
static void put(const struct call* call, uint64_t address, const void* value,
                size_t size) {
  if (size > 0)
    memcpy(call->memory.data + address, value, size);
}

static void put_u32(const struct call* call, uint64_t address, uint32_t value) {
  put(call, address, &value, sizeof(value));
}

static void put_u64(const struct call* call, uint64_t address, uint64_t value) {
  put(call, address, &value, sizeof(value));
}

static uint32_t get_u32(const struct call* call, uint64_t address) {
  uint32_t value;
  memcpy(&value, call->memory.data + address, sizeof(value));
  return value;
}

static uint64_t get_u64(const struct call* call, uint64_t address) {
  uint64_t value;
  memcpy(&value, call->memory.data + address, sizeof(value));
  return value;
}

static void clear(const struct call* call, uint64_t address, size_t size) {
  memset(call->memory.data + address, 0, size);
}

static bool is_open(const struct call* call, uint32_t descriptor) {
  return descriptor < 3 && !call->wasi->closed[descriptor];
}

/* The first parameter is a descriptor. */
static uint32_t on_open(const struct call* call, uint32_t answer) {
  return is_open(call, parameter(call, 0)) ? answer : (uint32_t)wasi_badf;
}

static uint32_t error_of(int number) {
  switch (number) {
    case EAGAIN: return wasi_again;
    case EBADF: return wasi_badf;
    case EFBIG: return wasi_fbig;
    case EINVAL: return wasi_inval;
    case ENOSPC: return wasi_nospc;
    case EPIPE: return wasi_pipe;
    default: return wasi_io;
  }
}

/* ---- Arguments and environment. */

static uint32_t args_sizes_get(const struct call* call) {
  uint32_t count = parameter(call, 0), bytes = parameter(call, 1);
  if (!inside(call, count, 4) || !inside(call, bytes, 4))
    return wasi_fault;
  uint64_t total = 0;
  for (uint32_t i = 0; i < call->wasi->argument_count; ++i)
    total += strlen(call->wasi->arguments[i]) + 1;
  put_u32(call, count, call->wasi->argument_count);
  put_u32(call, bytes, (uint32_t)total);
  return wasi_success;
}

static uint32_t args_get(const struct call* call) {
  uint64_t pointer = parameter(call, 0), text = parameter(call, 1);
  for (uint32_t i = 0; i < call->wasi->argument_count; ++i) {
    const char* argument = call->wasi->arguments[i];
    size_t size = strlen(argument) + 1;
    if (!inside(call, pointer, 4) || !inside(call, text, size))
      return wasi_fault;
    put_u32(call, pointer, (uint32_t)text);
    put(call, text, argument, size);
    pointer += 4;
    text += size;
  }
  return wasi_success;
}

static uint32_t environ_sizes_get(const struct call* call) {
  uint32_t count = parameter(call, 0), bytes = parameter(call, 1);
  if (!inside(call, count, 4) || !inside(call, bytes, 4))
    return wasi_fault;
  put_u32(call, count, 0);
  put_u32(call, bytes, 0);
  return wasi_success;
}

static uint32_t nothing_to_do(const struct call* call) {
  (void)call;
  return wasi_success;
}

/* ---- Clock and random bytes. */

static bool is_clock(uint32_t clock) {
  return clock <= clock_thread_cputime;
}

static uint64_t clock_value(const struct call* call, uint32_t clock) {
  return call->wasi->elapsed_ns
         + (clock == clock_realtime ? clock_start_ns : 0);
}

static uint32_t clock_res_get(const struct call* call) {
  if (!is_clock(parameter(call, 0)))
    return wasi_inval;
  if (!inside(call, parameter(call, 1), 8))
    return wasi_fault;
  put_u64(call, parameter(call, 1), clock_step_ns);
  return wasi_success;
}

static uint32_t clock_time_get(const struct call* call) {
  if (!is_clock(parameter(call, 0)))
    return wasi_inval;
  if (!inside(call, parameter(call, 2), 8))
    return wasi_fault;
  call->wasi->elapsed_ns += clock_step_ns;
  put_u64(call, parameter(call, 2), clock_value(call, parameter(call, 0)));
  return wasi_success;
}

/* splitmix64, of Steele, Lea and Flood. */
static uint64_t next_random(struct artel_wasi* wasi) {
  uint64_t z = (wasi->random_state += UINT64_C(0x9e3779b97f4a7c15));
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static uint32_t random_get(const struct call* call) {
  uint64_t address = parameter(call, 0), size = parameter(call, 1);
  if (!inside(call, address, size))
    return wasi_fault;
  for (uint64_t done = 0; done < size; done += 8) {
    uint64_t value = next_random(call->wasi);
    put(call, address + done, &value, size - done < 8 ? size - done : 8);
  }
  return wasi_success;
}

/* ---- Streams. */

/* A list of buffers, each an address and a size. */
static uint32_t check_buffers(const struct call* call, uint64_t list,
                              uint32_t count) {
  if (count > buffers_max)
    return wasi_inval;
  if (!inside(call, list, (uint64_t)count * buffer_entry_bytes))
    return wasi_fault;
  uint64_t total = 0;
  for (uint32_t i = 0; i < count; ++i) {
    uint64_t entry = list + (uint64_t)i * buffer_entry_bytes;
    uint32_t size = get_u32(call, entry + 4);
    if (!inside(call, get_u32(call, entry), size))
      return wasi_fault;
    total += size;
  }
  return total <= INT32_MAX ? (uint32_t)wasi_success : (uint32_t)wasi_inval;
}

/* Moves all bytes, or as many as there are before the input's end. */
static uint32_t transfer(uint32_t descriptor, uint8_t* data, uint64_t size,
                         uint64_t* done) {
  *done = 0;
  while (*done < size) {
    ssize_t moved = descriptor == 0
                      ? read(0, data + *done, size - *done)
                      : write((int)descriptor, data + *done, size - *done);
    if (moved < 0 && errno == EINTR)
      continue;
    if (moved < 0)
      return error_of(errno);
    if (moved == 0)
      break;
    *done += (uint64_t)moved;
  }
  return wasi_success;
}

static uint32_t transfer_all(const struct call* call) {
  uint32_t descriptor = parameter(call, 0), count = parameter(call, 2);
  uint64_t list = parameter(call, 1), result = parameter(call, 3);
  if (!inside(call, result, 4))
    return wasi_fault;
  uint32_t error = check_buffers(call, list, count);
  uint64_t total = 0;
  for (uint32_t i = 0; error == wasi_success && i < count; ++i) {
    uint64_t entry = list + (uint64_t)i * buffer_entry_bytes;
    uint64_t address = get_u32(call, entry), size = get_u32(call, entry + 4);
    // What was read may have changed the list itself.
    if (!inside(call, address, size))
      return wasi_fault;
    uint64_t done;
    error = transfer(descriptor, call->memory.data + address, size, &done);
    total += done;
    if (done < size)
      break;
  }
  if (error == wasi_success)
    put_u32(call, result, (uint32_t)total);
  return error;
}

static uint32_t fd_read(const struct call* call) {
  if (parameter(call, 0) != 0)
    return wasi_badf;
  uint32_t answer = on_open(call, wasi_success);
  return answer == wasi_success ? transfer_all(call) : answer;
}

static uint32_t fd_write(const struct call* call) {
  if (parameter(call, 0) == 0)
    return wasi_badf;
  uint32_t answer = on_open(call, wasi_success);
  return answer == wasi_success ? transfer_all(call) : answer;
}

/* Only for the module: the process keeps its streams. */
static uint32_t fd_close(const struct call* call) {
  uint32_t answer = on_open(call, wasi_success);
  if (answer == wasi_success)
    call->wasi->closed[parameter(call, 0)] = true;
  return answer;
}

/* Told as of unknown type, which wasi-libc buffers as it does a file. */
static uint32_t fd_fdstat_get(const struct call* call) {
  uint32_t descriptor = parameter(call, 0), address = parameter(call, 1);
  if (!is_open(call, descriptor))
    return wasi_badf;
  if (!inside(call, address, fdstat_bytes))
    return wasi_fault;
  uint64_t direction = descriptor == 0 ? right_fd_read : right_fd_write;
  clear(call, address, fdstat_bytes);
  put_u64(call, (uint64_t)address + 8,
          direction | right_fd_filestat_get | right_poll);
  return wasi_success;
}

static uint32_t fd_fdstat_set_flags(const struct call* call) {
  return on_open(call, parameter(call, 1) == 0 ? wasi_success : wasi_notsup);
}

static uint32_t fd_filestat_get(const struct call* call) {
  uint32_t address = parameter(call, 1);
  if (!is_open(call, parameter(call, 0)))
    return wasi_badf;
  if (!inside(call, address, filestat_bytes))
    return wasi_fault;
  clear(call, address, filestat_bytes);
  return wasi_success;
}

static uint32_t no_position(const struct call* call) {
  return on_open(call, wasi_spipe);
}

static uint32_t no_file(const struct call* call) {
  return on_open(call, wasi_inval);
}

static uint32_t no_directory(const struct call* call) {
  return on_open(call, wasi_notdir);
}

static uint32_t no_renumbering(const struct call* call) {
  return on_open(call, wasi_notsup);
}

static uint32_t no_right(const struct call* call) {
  return on_open(call, wasi_notcapable);
}

/* No descriptor is a directory given at the start. */
static uint32_t not_given(const struct call* call) {
  (void)call;
  return wasi_badf;
}

/* No file system, so it looks at no path. */
static uint32_t no_files(const struct call* call) {
  (void)call;
  return wasi_notcapable;
}

/* ---- Waiting. */

struct subscription {
  uint64_t user_data;
  uint8_t kind;
  /* Of a clock, as time since the clock's start. */
  uint64_t deadline_ns;
  uint32_t error;
};

static uint64_t add_bounded(uint64_t a, uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static struct subscription read_clock(const struct call* call, uint64_t from,
                                      struct subscription made) {
  uint32_t clock = get_u32(call, from + 16);
  uint64_t time = get_u64(call, from + 24);
  bool absolute = (get_u32(call, from + 40) & clock_flag_absolute) != 0;
  uint64_t start = clock == clock_realtime ? clock_start_ns : 0;
  if (!is_clock(clock))
    made.error = wasi_inval;
  else if (absolute)
    made.deadline_ns = time > start ? time - start : 0;
  else
    made.deadline_ns = add_bounded(call->wasi->elapsed_ns, time);
  return made;
}

static struct subscription read_subscription(const struct call* call,
                                             uint64_t from) {
  struct subscription made = {get_u64(call, from), call->memory.data[from + 8],
                              0, wasi_success};
  uint32_t descriptor = get_u32(call, from + 16);
  if (made.kind == event_clock)
    return read_clock(call, from, made);
  if (made.kind > event_fd_write)
    made.error = wasi_inval;
  else if (!is_open(call, descriptor)
           || (made.kind == event_fd_read) != (descriptor == 0))
    made.error = wasi_badf;
  return made;
}

static void put_event(const struct call* call, uint64_t to,
                      const struct subscription* from) {
  clear(call, to, event_bytes);
  put_u64(call, to, from->user_data);
  put(call, to + 8, &from->error, 2);
  put(call, to + 10, &from->kind, 1);
}

/* When the first of them happens. Streams and errors are ready at once: a read
 * may block, but what it gives is the same in every run. */
static uint64_t first_deadline(const struct call* call, uint64_t from,
                               uint32_t count) {
  uint64_t first = UINT64_MAX;
  for (uint32_t i = 0; i < count; ++i) {
    struct subscription one =
      read_subscription(call, from + (uint64_t)i * subscription_bytes);
    if (one.deadline_ns < first)
      first = one.deadline_ns;
  }
  return first;
}

/* Nobody sleeps: where only clocks are waited for, the clock moves on. */
static uint32_t poll_oneoff(const struct call* call) {
  uint64_t in = parameter(call, 0), out = parameter(call, 1);
  uint32_t count = parameter(call, 2), result = parameter(call, 3);
  if (count == 0 || count > subscriptions_max)
    return wasi_inval;
  if (!inside(call, in, (uint64_t)count * subscription_bytes)
      || !inside(call, out, (uint64_t)count * event_bytes)
      || !inside(call, result, 4))
    return wasi_fault;
  uint64_t now = first_deadline(call, in, count);
  if (now < call->wasi->elapsed_ns)
    now = call->wasi->elapsed_ns;
  uint32_t events = 0;
  for (uint32_t i = 0; i < count; ++i) {
    struct subscription one =
      read_subscription(call, in + (uint64_t)i * subscription_bytes);
    if (one.deadline_ns <= now)
      put_event(call, out + (uint64_t)events++ * event_bytes, &one);
  }
  call->wasi->elapsed_ns = now;
  put_u32(call, result, events);
  return wasi_success;
}

/* ---- The end. */

static uint32_t proc_exit(const struct call* call) {
  call->wasi->exited = true;
  call->wasi->exit_code = parameter(call, 0);
  return wasi_success;
}

typedef uint32_t wasi_function(const struct call*);

static wasi_function* const functions[artel_wasi_function_count] = {
  [artel_wasi_args_get] = args_get,
  [artel_wasi_args_sizes_get] = args_sizes_get,
  [artel_wasi_clock_res_get] = clock_res_get,
  [artel_wasi_clock_time_get] = clock_time_get,
  [artel_wasi_environ_get] = nothing_to_do,
  [artel_wasi_environ_sizes_get] = environ_sizes_get,
  [artel_wasi_fd_advise] = no_position,
  [artel_wasi_fd_allocate] = no_position,
  [artel_wasi_fd_close] = fd_close,
  [artel_wasi_fd_datasync] = no_file,
  [artel_wasi_fd_fdstat_get] = fd_fdstat_get,
  [artel_wasi_fd_fdstat_set_flags] = fd_fdstat_set_flags,
  [artel_wasi_fd_fdstat_set_rights] = no_right,
  [artel_wasi_fd_filestat_get] = fd_filestat_get,
  [artel_wasi_fd_filestat_set_size] = no_file,
  [artel_wasi_fd_filestat_set_times] = no_right,
  [artel_wasi_fd_pread] = no_position,
  [artel_wasi_fd_prestat_dir_name] = not_given,
  [artel_wasi_fd_prestat_get] = not_given,
  [artel_wasi_fd_pwrite] = no_position,
  [artel_wasi_fd_read] = fd_read,
  [artel_wasi_fd_readdir] = no_directory,
  [artel_wasi_fd_renumber] = no_renumbering,
  [artel_wasi_fd_seek] = no_position,
  [artel_wasi_fd_sync] = no_file,
  [artel_wasi_fd_tell] = no_position,
  [artel_wasi_fd_write] = fd_write,
  [artel_wasi_path_create_directory] = no_files,
  [artel_wasi_path_filestat_get] = no_files,
  [artel_wasi_path_filestat_set_times] = no_files,
  [artel_wasi_path_link] = no_files,
  [artel_wasi_path_open] = no_files,
  [artel_wasi_path_readlink] = no_files,
  [artel_wasi_path_remove_directory] = no_files,
  [artel_wasi_path_rename] = no_files,
  [artel_wasi_path_symlink] = no_files,
  [artel_wasi_path_unlink_file] = no_files,
  [artel_wasi_poll_oneoff] = poll_oneoff,
  [artel_wasi_proc_exit] = proc_exit,
  [artel_wasi_random_get] = random_get,
  [artel_wasi_sched_yield] = nothing_to_do,
};

void artel_wasi_start(struct artel_wasi* wasi, const char* const* arguments,
                      uint32_t argument_count) {
  memset(wasi, 0, sizeof(*wasi));
  wasi->arguments = arguments;
  wasi->argument_count = argument_count;
  wasi->random_state = random_seed;
}

uint32_t artel_wasi_call(struct artel_wasi* wasi,
                         enum artel_wasi_function function,
                         struct artel_wasi_memory memory,
                         const uint64_t* parameters) {
  struct call call = {wasi, memory, parameters};
  return functions[function](&call);
}
