;; The sum of address and offset is more than 32 bits.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store offset=4294967295 (i32.const -1) (i32.const 1))))
