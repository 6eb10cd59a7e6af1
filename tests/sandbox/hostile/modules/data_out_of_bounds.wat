;; Its data lies behind its memory.
(module
  (memory (export "memory") 1)
  (data (i32.const 65535) "over")
  (func (export "_start")
    (nop)))
