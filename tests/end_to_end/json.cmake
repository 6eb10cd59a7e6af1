# Reads values out of a JSON file for the shell: CMake is there wherever artel
# is built, jq and Python may not be.
#   cmake -DFILE=PATH "-DKEYS=a;b" -P json.cmake            the value of .a.b
#   ... "-DCOLUMNS=x;y"                a line "X Y" for each object in that array
# Fails where FILE is not one JSON document or has no such key.
cmake_minimum_required(VERSION 3.25)

file(READ "${FILE}" document)

# Not by message(), which writes to standard error.
function(print text)
  execute_process(COMMAND "${CMAKE_COMMAND}" -E echo "${text}")
endfunction()

if(NOT DEFINED COLUMNS)
  string(JSON value GET "${document}" ${KEYS})
  print("${value}")
  return()
endif()

string(JSON count LENGTH "${document}" ${KEYS})
if(count EQUAL 0)
  return()
endif()
math(EXPR last "${count} - 1")
foreach(row RANGE ${last})
  set(line "")
  foreach(column IN LISTS COLUMNS)
    string(JSON value GET "${document}" ${KEYS} ${row} "${column}")
    string(APPEND line "${value} ")
  endforeach()
  string(STRIP "${line}" line)
  print("${line}")
endforeach()
