;; Counts the primes of a range, as primes.c does, for machines without a
;; compiler for WebAssembly: wat2wasm (package wabt) makes bin/primes_wat.wasm.
;;
;;   primes FIRST LAST   (1 <= FIRST <= LAST <= 4,000,000,000)
;;
;; Trial division by odd numbers: slow, short, and without a table in memory.
(module
  (import "wasi_snapshot_preview1" "args_sizes_get"
    (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get"
    (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))

  ;; 0: number of arguments, 4: bytes of all, 8: the text to write and its
  ;; length, 16: how much was written, 32: digits, 64: message, 256: arguments.
  (memory (export "memory") 1)
  (data (i32.const 64) "usage: primes FIRST LAST\0a")

  (func $fail
    (i32.store (i32.const 8) (i32.const 64))
    (i32.store (i32.const 12) (i32.const 25))
    (drop (call $fd_write
      (i32.const 2) (i32.const 8) (i32.const 1) (i32.const 16)))
    (call $proc_exit (i32.const 2)))

  ;; The decimal number at an address, up to its zero byte.
  (func $parse (param $at i32) (result i64)
    (local $value i64)
    (local $byte i32)
    (loop $next
      (local.set $byte (i32.load8_u (local.get $at)))
      (if (local.get $byte)
        (then
          (if (i32.gt_u (i32.sub (local.get $byte) (i32.const 48))
                (i32.const 9))
            (then (call $fail)))
          (local.set $value
            (i64.add
              (i64.mul (local.get $value) (i64.const 10))
              (i64.extend_i32_u
                (i32.sub (local.get $byte) (i32.const 48)))))
          (if (i64.gt_u (local.get $value) (i64.const 4000000000))
            (then (call $fail)))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
    (local.get $value))

  (func $is_prime (param $number i64) (result i32)
    (local $divisor i64)
    (if (i64.lt_u (local.get $number) (i64.const 4))
      (then (return (i64.gt_u (local.get $number) (i64.const 1)))))
    (if (i64.eqz (i64.rem_u (local.get $number) (i64.const 2)))
      (then (return (i32.const 0))))
    (local.set $divisor (i64.const 3))
    (loop $next
      (if (i64.le_u (i64.mul (local.get $divisor) (local.get $divisor))
            (local.get $number))
        (then
          (if (i64.eqz (i64.rem_u (local.get $number) (local.get $divisor)))
            (then (return (i32.const 0))))
          (local.set $divisor (i64.add (local.get $divisor) (i64.const 2)))
          (br $next))))
    (i32.const 1))

  (func $count (param $first i64) (param $last i64) (result i64)
    (local $found i64)
    (loop $next
      (if (i64.le_u (local.get $first) (local.get $last))
        (then
          (local.set $found
            (i64.add (local.get $found)
              (i64.extend_i32_u (call $is_prime (local.get $first)))))
          (local.set $first (i64.add (local.get $first) (i64.const 1)))
          (br $next))))
    (local.get $found))

  ;; Digits are written from the last to the first, below address 63.
  (func $print (param $value i64)
    (local $at i32)
    (local.set $at (i32.const 63))
    (i32.store8 (local.get $at) (i32.const 10))
    (loop $next
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48)
          (i32.wrap_i64 (i64.rem_u (local.get $value) (i64.const 10)))))
      (local.set $value (i64.div_u (local.get $value) (i64.const 10)))
      (br_if $next (i64.ne (local.get $value) (i64.const 0))))
    (i32.store (i32.const 8) (local.get $at))
    (i32.store (i32.const 12) (i32.sub (i32.const 64) (local.get $at)))
    (drop (call $fd_write
      (i32.const 1) (i32.const 8) (i32.const 1) (i32.const 16))))

  (func (export "_start")
    (local $first i64)
    (local $last i64)
    (drop (call $args_sizes_get (i32.const 0) (i32.const 4)))
    (if (i32.ne (i32.load (i32.const 0)) (i32.const 3))
      (then (call $fail)))
    (if (i32.gt_u (i32.load (i32.const 4)) (i32.const 4096))
      (then (call $fail)))
    (drop (call $args_get (i32.const 256) (i32.const 272)))
    (local.set $first (call $parse (i32.load (i32.const 260))))
    (local.set $last (call $parse (i32.load (i32.const 264))))
    (if (i32.or (i64.eqz (local.get $first))
          (i64.gt_u (local.get $first) (local.get $last)))
      (then (call $fail)))
    (call $print (call $count (local.get $first) (local.get $last)))))
