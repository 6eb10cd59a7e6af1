/* What all hostile programs share: which attack to run, and the lines that tell
 * what each attempt came to. A line "escaped: ..." is a hole in the sandbox. */
#ifndef ARTEL_TESTS_HOSTILE_KIT_H
#define ARTEL_TESTS_HOSTILE_KIT_H

#include <stddef.h>

struct attack {
  const char* name;
  /* The arguments after the name and the index; they end with a null. */
  void (*run)(char** arguments);
};

/* One line on standard output, written at once. */
__attribute__((format(printf, 1, 2))) void say(const char* format, ...);

/* Tells the errno of a call that must fail; "escaped: " where it did not. */
void must_fail(const char* what, long result);

/* "holds N" with the megabytes that an attack has by now. */
void say_holds(size_t bytes);

/* A child that runs the function and ends with exit code 0. Its id; -1 where
 * there can't be one more. */
int start_child(void (*run)(void));

_Noreturn void sleep_forever(void);

/* Arguments: NAME INDEX [ARGUMENT...]. Index 0 runs the attack of that name;
 * any other is an honest job, which tells what it finds around it. */
int hostile_main(int count, char** arguments, const struct attack* attacks,
                 size_t attack_count);

/* Tells all that a job before could have left or changed. */
int honest_main(void);

#endif
