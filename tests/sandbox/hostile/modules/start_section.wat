;; Has a function that runs before anybody counts.
(module
  (memory (export "memory") 1)
  (func $first (loop $again (br $again)))
  (start $first)
  (func (export "_start")
    (nop)))
