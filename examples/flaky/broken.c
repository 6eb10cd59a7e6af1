// Says on standard error what is wrong, and crashes, every time.
//
// Usage: broken
#include <stdio.h>
#include <stdlib.h>

int main(void) {
  fprintf(stderr, "broken: the table of constants is missing\n");
  abort();
}
