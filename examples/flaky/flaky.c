// Prints FIRST + ... + LAST, unless it crashes, which it does by chance in
// PERCENT of its runs: what a network of strangers' machines is like.
//
// Usage: flaky PERCENT FIRST LAST
// Exit code: 0 printed, 1 no random numbers or cannot write, 2 wrong
// arguments; a crash is an abort (SIGABRT).
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// Digits only, up to the given number; the sum of what main() takes fits.
static uint64_t parse_number(const char* text, uint64_t most) {
  uint64_t value = 0;
  const char* c = text;
  for (; *c >= '0' && *c <= '9' && value <= most; ++c)
    value = value * 10 + (uint64_t)(*c - '0');
  if (c == text || *c != '\0' || value > most) {
    fprintf(stderr,
            "flaky: expected a number from 0 to %" PRIu64 ", not '%s'\n", most,
            text);
    exit(2);
  }
  return value;
}

// 0..99, each as likely as any other up to one part in 40 million.
static uint32_t random_percent(void) {
  uint32_t bits;
  FILE* source = fopen("/dev/urandom", "rb");
  if (source == NULL || fread(&bits, sizeof bits, 1, source) != 1) {
    perror("flaky: /dev/urandom");
    exit(1);
  }
  fclose(source);
  return bits % 100;
}

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "flaky: expected three numbers\n"
                    "Usage: flaky PERCENT FIRST LAST\n");
    return 2;
  }
  uint64_t percent = parse_number(argv[1], 100);
  uint64_t first = parse_number(argv[2], 1000000000);
  uint64_t last = parse_number(argv[3], 1000000000);
  if (first > last) {
    fprintf(stderr, "flaky: the first number is above the last one\n");
    return 2;
  }
  if (random_percent() < percent) {
    fprintf(stderr, "flaky: bad luck at %" PRIu64 "..%" PRIu64 "\n", first,
            last);
    abort();
  }
  // One of the two factors is even.
  uint64_t count = last - first + 1;
  uint64_t sum = first + last;
  uint64_t total = count % 2 == 0 ? count / 2 * sum : count * (sum / 2);
  printf("%" PRIu64 "\n", total);
  if (fflush(stdout) != 0) {
    perror("flaky: cannot write the result");
    return 1;
  }
  return 0;
}
