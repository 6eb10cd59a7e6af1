;; Calls the host with pointers and lengths that lead out of its memory. Each
;; call must fail.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read"
    (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get"
    (func $random_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock_time_get (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get"
    (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_get"
    (func $fd_fdstat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get"
    (func $fd_filestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff"
    (func $poll_oneoff (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\40\00\00\00\05\00\00\00")
  (data (i32.const 8) "\60\00\00\00\09\00\00\00")
  ;; A buffer that begins inside and ends outside, and one that is all outside.
  (data (i32.const 16) "\f0\ff\00\00\00\01\00\00")
  (data (i32.const 24) "\f0\ff\ff\ff\20\00\00\00")
  (data (i32.const 64) "held\n")
  (data (i32.const 96) "escaped: ")
  (func $print (param $buffer i32)
    (drop (call $fd_write
      (i32.const 1) (local.get $buffer) (i32.const 1) (i32.const 128))))
  (func $must_fail (param $result i32)
    (if (i32.eqz (local.get $result))
      (then (call $print (i32.const 8)) (call $exit (i32.const 1)))))
  (func (export "_start")
    (call $must_fail (call $fd_write
      (i32.const 1) (i32.const -1) (i32.const 1) (i32.const 128)))
    (call $must_fail (call $fd_write
      (i32.const 1) (i32.const -8) (i32.const 1) (i32.const 128)))
    (call $must_fail (call $fd_write
      (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 128)))
    (call $must_fail (call $fd_write
      (i32.const 1) (i32.const 24) (i32.const 1) (i32.const 128)))
    (call $must_fail (call $fd_write
      (i32.const 1) (i32.const 0) (i32.const -1) (i32.const 128)))
    (call $must_fail (call $fd_write
      (i32.const 1) (i32.const 0) (i32.const 0x20000000) (i32.const 128)))
    (call $must_fail (call $fd_read
      (i32.const 0) (i32.const 16) (i32.const 1) (i32.const 128)))
    (call $must_fail (call $fd_read
      (i32.const 0) (i32.const 24) (i32.const 1) (i32.const 128)))
    (call $must_fail (call $random_get (i32.const 65535) (i32.const 2)))
    (call $must_fail (call $random_get (i32.const 1) (i32.const -1)))
    (call $must_fail (call $clock_time_get
      (i32.const 0) (i64.const 0) (i32.const 65529)))
    (call $must_fail (call $args_get (i32.const -4) (i32.const 0)))
    (call $must_fail (call $args_get (i32.const 256) (i32.const 65535)))
    (call $must_fail (call $args_sizes_get (i32.const -2) (i32.const 256)))
    (call $must_fail (call $fd_fdstat_get (i32.const 1) (i32.const 65520)))
    (call $must_fail (call $fd_filestat_get (i32.const 1) (i32.const 65500)))
    (call $must_fail (call $poll_oneoff
      (i32.const 0) (i32.const 256) (i32.const -1) (i32.const 128)))
    (call $must_fail (call $poll_oneoff
      (i32.const 65530) (i32.const 256) (i32.const 1) (i32.const 128)))
    (call $print (i32.const 0))))
