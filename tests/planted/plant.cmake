# Writes a faulty copy of a source: cmake -DSOURCE=... -DFAULT=... -DOUTPUT=...
# -P plant.cmake. A fault file has blocks
#
#   <<<<<<<
#   text of the source
#   =======
#   what stands in its place
#   >>>>>>>
#
# Each text must stand in the source exactly once, or the build fails: a fault
# that isn't planted would be one that nothing has to find.

foreach(wanted IN ITEMS SOURCE FAULT OUTPUT)
  if(NOT DEFINED ${wanted})
    message(FATAL_ERROR "plant.cmake needs -D${wanted}=...")
  endif()
endforeach()

file(READ "${SOURCE}" source)
file(READ "${FAULT}" rest)
set(opening "<<<<<<<\n")
set(middle "=======\n")
set(closing ">>>>>>>\n")
set(blocks 0)

# Takes what stands before a marker out of `rest`, the marker too.
macro(take_until marker result)
  string(FIND "${rest}" "${marker}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "${FAULT}: expected a line '${marker}'")
  endif()
  string(SUBSTRING "${rest}" 0 ${position} ${result})
  string(LENGTH "${marker}" length)
  math(EXPR position "${position} + ${length}")
  string(SUBSTRING "${rest}" ${position} -1 rest)
endmacro()

string(FIND "${rest}" "${opening}" more)
while(NOT more EQUAL -1)
  take_until("${opening}" ignored)
  take_until("${middle}" old)
  take_until("${closing}" new)
  string(FIND "${source}" "${old}" first)
  string(FIND "${source}" "${old}" last REVERSE)
  if(old STREQUAL "" OR first EQUAL -1)
    message(FATAL_ERROR
      "${FAULT}: ${SOURCE} has no such text any more:\n${old}")
  endif()
  if(NOT first EQUAL last)
    message(FATAL_ERROR "${FAULT}: ${SOURCE} has this text twice:\n${old}")
  endif()
  string(REPLACE "${old}" "${new}" source "${source}")
  math(EXPR blocks "${blocks} + 1")
  string(FIND "${rest}" "${opening}" more)
endwhile()
if(blocks EQUAL 0)
  message(FATAL_ERROR "${FAULT}: no block to plant")
endif()
file(WRITE "${OUTPUT}" "${source}")
