;; Writes to descriptors that are not its own: the runner's reports go out on
;; one of them. Each call must fail.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_pwrite"
    (func $fd_pwrite (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get"
    (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open
      (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\05\00\00\00")
  (data (i32.const 8) "\60\00\00\00\09\00\00\00")
  (data (i32.const 64) "held\n")
  (data (i32.const 96) "escaped: ")
  (data (i32.const 112) "/proc/self/fd/3")
  (global $escapes (mut i32) (i32.const 0))
  (func $must_fail (param $result i32)
    (if (i32.eqz (local.get $result))
      (then (global.set $escapes (i32.const 1)))))
  (func $try (param $descriptor i32)
    (call $must_fail (call $fd_write
      (local.get $descriptor) (i32.const 0) (i32.const 1) (i32.const 128)))
    (call $must_fail (call $fd_pwrite
      (local.get $descriptor) (i32.const 0) (i32.const 1) (i64.const 0)
      (i32.const 128)))
    (call $must_fail (call $fd_read
      (local.get $descriptor) (i32.const 0) (i32.const 1) (i32.const 128)))
    (call $must_fail (call $fd_prestat_get
      (local.get $descriptor) (i32.const 128)))
    (call $must_fail (call $path_open
      (local.get $descriptor) (i32.const 0) (i32.const 112) (i32.const 15)
      (i32.const 0) (i64.const -1) (i64.const -1) (i32.const 0)
      (i32.const 128))))
  (func (export "_start") (local $descriptor i32)
    (local.set $descriptor (i32.const 3))
    (loop $next
      (call $try (local.get $descriptor))
      (local.set $descriptor (i32.add (local.get $descriptor) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $descriptor) (i32.const 1100))))
    (call $try (i32.const -1))
    (call $try (i32.const 0x80000001))
    (call $must_fail (call $fd_write
      (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 128)))
    (drop (call $fd_write
      (i32.const 1) (i32.mul (global.get $escapes) (i32.const 8))
      (i32.const 1) (i32.const 128)))))
