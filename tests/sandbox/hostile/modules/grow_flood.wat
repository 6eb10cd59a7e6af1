;; Grows its memory as far as it can, touching it. The limit is 1024 pages.
(module
  (import "wasi_snapshot_preview1" "fd_write"
    (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\10\00\00\00\08\00\00\00\20\00\00\00\0e\00\00\00")
  (data (i32.const 16) "refused\n")
  (data (i32.const 32) "escaped: grew\n")
  (func (export "_start")
    (block $done
      (loop $again
        (br_if $done
          (i32.eq (memory.grow (i32.const 8)) (i32.const -1)))
        (memory.fill
          (i32.mul (i32.sub (memory.size) (i32.const 8)) (i32.const 65536))
          (i32.const 1) (i32.const 524288))
        (br $again)))
    (drop (call $fd_write
      (i32.const 1)
      (i32.mul (i32.gt_u (memory.size) (i32.const 1024)) (i32.const 8))
      (i32.const 1) (i32.const 64)))))
