/* Counts the primes of a range by trial division: the loop that bench_sandbox
 * times natively and, as the module of examples/primes/primes.wat, in
 * WebAssembly.
 *
 * Usage: prime_loop FIRST LAST */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int is_prime(uint64_t number) {
  if (number < 4)
    return number > 1;
  if (number % 2 == 0)
    return 0;
  for (uint64_t divisor = 3; divisor * divisor <= number; divisor += 2)
    if (number % divisor == 0)
      return 0;
  return 1;
}

int main(int count, char** arguments) {
  if (count != 3)
    return 2;
  uint64_t last = strtoull(arguments[2], NULL, 10);
  uint64_t found = 0;
  for (uint64_t i = strtoull(arguments[1], NULL, 10); i <= last; ++i)
    found += (uint64_t)is_prime(i);
  printf("%" PRIu64 "\n", found);
  return 0;
}
