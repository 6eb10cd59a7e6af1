#define _GNU_SOURCE
#include "tests/sandbox/hostile/programs/kit.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void say(const char* format, ...) {
  char line[512];
  va_list values;
  va_start(values, format);
  int length = vsnprintf(line, sizeof(line) - 1, format, values);
  va_end(values);
  if (length < 0)
    return;
  size_t size = strlen(line);
  line[size++] = '\n';
  ssize_t written = write(STDOUT_FILENO, line, size);
  (void)written;
}

void must_fail(const char* what, long result) {
  if (result < 0)
    say("%s: %s", what, strerrorname_np(errno));
  else
    say("escaped: %s", what);
}

void say_holds(size_t bytes) {
  say("holds %zu", bytes >> 20);
}

int start_child(void (*run)(void)) {
  int child = fork();
  if (child != 0)
    return child;
  run();
  _exit(0);
}

_Noreturn void sleep_forever(void) {
  for (;;)
    pause();
}

int hostile_main(int count, char** arguments, const struct attack* attacks,
                 size_t attack_count) {
  if (count < 3) {
    say("usage: %s NAME INDEX [ARGUMENT...]", arguments[0]);
    return 2;
  }
  if (strcmp(arguments[2], "0") != 0)
    return honest_main();
  for (size_t i = 0; i < attack_count; ++i)
    if (strcmp(attacks[i].name, arguments[1]) == 0) {
      attacks[i].run(arguments + 3);
      return 0;
    }
  say("no attack named %s", arguments[1]);
  return 2;
}
