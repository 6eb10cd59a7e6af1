;; Its functions lie behind its table.
(module
  (memory (export "memory") 1)
  (table 1 funcref)
  (func $any)
  (elem (i32.const 1) $any)
  (func (export "_start")
    (nop)))
