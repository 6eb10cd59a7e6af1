;; Calls a function as if it were of another type.
(module
  (memory (export "memory") 1)
  (type $wanted (func (param i32) (result i32)))
  (table 1 funcref)
  (elem (i32.const 0) $other)
  (func $other (param i64))
  (func (export "_start")
    (drop (call_indirect (type $wanted) (i32.const 7) (i32.const 0)))))
