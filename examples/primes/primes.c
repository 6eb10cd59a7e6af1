// Counts the primes in FIRST..LAST, both included, and prints how many there
// are. A segmented sieve over odd numbers: memory grows with the square root of
// LAST, never with the length of the range.
//
// Usage: primes FIRST LAST
// Exit code: 0 counted, 1 out of memory or cannot write, 2 wrong arguments.
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The sieving primes reach to the square root, here 31,622,776: about 32 MiB
// of memory in all.
static const uint64_t number_max = UINT64_C(1000000000000000);

// One bit an odd number. A segment fits a core's first-level cache; for large
// numbers, whose sieving primes are many, the second level's.
enum { small_segment_bytes = 32 << 10, large_segment_bytes = 256 << 10 };
static const uint64_t small_root_max = 1 << 20;

struct sieving_prime {
  uint32_t prime;
  // Where its next odd multiple lies, in odd numbers from the segment's start.
  // Below the segment's size plus a prime, so it fits.
  uint32_t next;
};

static void fail(const char* message, const char* what) {
  fprintf(stderr, "primes: %s%s\n", message, what);
  exit(2);
}

static void* allocate(size_t count, size_t size) {
  void* memory = calloc(count, size);
  if (memory == NULL) {
    fprintf(stderr, "primes: out of memory\n");
    exit(1);
  }
  return memory;
}

// Decimal digits only: strtoull would also take "-1" and " 7".
static uint64_t parse_number(const char* text) {
  uint64_t value = 0;
  if (*text == '\0')
    fail("an argument is empty; expected a whole number", "");
  for (const char* c = text; *c != '\0'; ++c) {
    if (*c < '0' || *c > '9')
      fail("expected a whole number, not ", text);
    value = value * 10 + (uint64_t)(*c - '0');
    if (value > number_max)
      fail("numbers go up to 1000000000000000 (10^15), not ", text);
  }
  return value;
}

static uint64_t square_root(uint64_t value) {
  uint64_t root = 0;
  for (uint64_t bit = UINT64_C(1) << 31; bit != 0; bit >>= 1)
    if ((root + bit) * (root + bit) <= value)
      root += bit;
  return root;
}

// All odd primes up to limit; stores how many in *count.
static struct sieving_prime* find_sieving_primes(uint64_t limit,
                                                 size_t* count) {
  size_t odd_numbers = (size_t)(limit + 1) / 2;
  bool* composite = allocate(odd_numbers + 1, sizeof(bool));
  *count = 0;
  for (size_t i = 1; i < odd_numbers; ++i) {
    if (composite[i])
      continue;
    ++*count;
    // Index i stands for 2 i + 1, its square for 2 i (i + 1).
    for (size_t j = 2 * i * (i + 1); j < odd_numbers; j += 2 * i + 1)
      composite[j] = true;
  }
  struct sieving_prime* primes = allocate(*count + 1, sizeof *primes);
  size_t found = 0;
  for (size_t i = 1; i < odd_numbers; ++i)
    if (!composite[i])
      primes[found++].prime = (uint32_t)(2 * i + 1);
  free(composite);
  return primes;
}

// Where the first odd multiple of prime that it has to strike out lies: none
// below its square (smaller primes strike those out) or below start, which is
// odd. Counted in odd numbers from start.
static uint64_t first_position(uint64_t prime, uint64_t start) {
  uint64_t square = prime * prime;
  if (square >= start)
    return (square - start) / 2;
  uint64_t multiple = (start + prime - 1) / prime * prime;
  if (multiple % 2 == 0)
    multiple += prime;
  return (multiple - start) / 2;
}

static uint64_t count_zero_bits(const uint64_t* words, uint64_t bits) {
  uint64_t ones = 0;
  uint64_t whole = bits / 64;
  for (uint64_t i = 0; i < whole; ++i)
    ones += (uint64_t)__builtin_popcountll(words[i]);
  if (bits % 64 != 0) {
    uint64_t used = (UINT64_C(1) << bits % 64) - 1;
    ones += (uint64_t)__builtin_popcountll(words[whole] & used);
  }
  return bits - ones;
}

// The primes among the odd numbers start, start + 2, ..., last; start is odd
// and at least 3.
static uint64_t count_odd_primes(uint64_t start, uint64_t last) {
  uint64_t root = square_root(last);
  size_t primes_count = 0;
  struct sieving_prime* primes = find_sieving_primes(root, &primes_count);
  size_t segment_bytes =
    root <= small_root_max ? small_segment_bytes : large_segment_bytes;
  uint64_t segment_bits = segment_bytes * 8;
  uint64_t* composite = allocate(segment_bytes, 1);

  uint64_t count = 0;
  size_t active = 0;
  for (uint64_t left = (last - start) / 2 + 1; left != 0;) {
    uint64_t bits = left < segment_bits ? left : segment_bits;
    uint64_t end = start + 2 * (bits - 1);
    // A prime joins in the segment that holds its square.
    for (; active < primes_count; ++active) {
      uint64_t prime = primes[active].prime;
      if (prime * prime > end)
        break;
      primes[active].next = (uint32_t)first_position(prime, start);
    }
    memset(composite, 0, segment_bytes);
    for (size_t i = 0; i < active; ++i) {
      uint32_t step = primes[i].prime;
      uint64_t j = primes[i].next;
      for (; j < bits; j += step)
        composite[j / 64] |= UINT64_C(1) << j % 64;
      primes[i].next = (uint32_t)(j - bits);
    }
    count += count_zero_bits(composite, bits);
    start += 2 * bits;
    left -= bits;
  }
  free(composite);
  free(primes);
  return count;
}

static uint64_t count_primes(uint64_t first, uint64_t last) {
  // Two is the only even prime, and one is none.
  uint64_t count = first <= 2 && last >= 2 ? 1 : 0;
  uint64_t start = first < 3 ? 3 : first | 1;
  return start <= last ? count + count_odd_primes(start, last) : count;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "primes: expected two numbers\n"
                    "Usage: primes FIRST LAST\n");
    return 2;
  }
  uint64_t first = parse_number(argv[1]);
  uint64_t last = parse_number(argv[2]);
  if (first > last)
    fail("the first number is above the last one", "");
  printf("%" PRIu64 "\n", count_primes(first, last));
  if (fflush(stdout) != 0) {
    perror("primes: cannot write the result");
    return 1;
  }
  return 0;
}
