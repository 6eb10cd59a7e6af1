/* Ends what a program leaves behind where no process namespace does. */
#ifndef ARTEL_SANDBOX_SHIM_DESCENDANTS_H
#define ARTEL_SANDBOX_SHIM_DESCENDANTS_H

/* Kills and reaps all children of this process, which must be the reaper of all
 * below it: their own children become its children then, and are killed next.
 */
void end_descendants(void);

#endif
