/* What the program may touch, held by the kernel for the rest of its life:
 * Landlock as a second fence behind the read-only mounts, or as the only one
 * where there are no namespaces; and the system call filter there. */
#ifndef ARTEL_SANDBOX_SHIM_CONFINEMENT_H
#define ARTEL_SANDBOX_SHIM_CONFINEMENT_H

#include <stdbool.h>

enum { shown_paths_max = 16 };

struct confinement {
  /* Null inside namespaces: there all that is visible may be read, and only
   * /work and /output be changed. */
  const char* start_directory;
  const char* output_directory;
  const char* shown[shown_paths_max];
  int shown_count;
};

/* True also where there is no Landlock. */
bool confine_files(const struct confinement* files);

/* The descriptor is a file of struct sock_filter. */
bool apply_filter(int descriptor);

#endif
