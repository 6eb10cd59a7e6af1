# What every target of artel shares.

option(ARTEL_WARNINGS_AS_ERRORS "Treat compiler warnings as errors" OFF)
set(ARTEL_SANITIZER "" CACHE STRING "address (with undefined), thread, or empty")

# ccache makes rebuilds cheap; where it is absent, builds go on without it.
find_program(ARTEL_CCACHE ccache)
if(ARTEL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${ARTEL_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ARTEL_CCACHE}")
endif()

if(ARTEL_SANITIZER STREQUAL "address")
  set(artel_sanitizer_flags
    -fsanitize=address,undefined -fno-sanitize-recover=undefined
    -fno-omit-frame-pointer)
elseif(ARTEL_SANITIZER STREQUAL "thread")
  set(artel_sanitizer_flags -fsanitize=thread -fno-omit-frame-pointer)
elseif(NOT ARTEL_SANITIZER STREQUAL "")
  message(FATAL_ERROR "ARTEL_SANITIZER is '${ARTEL_SANITIZER}'; "
    "expected 'address', 'thread' or nothing")
endif()

# Options for one target: warnings, sanitizers, includes from the root.
function(artel_target name)
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_compile_options(${name} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
    -Wno-missing-field-initializers
    $<$<BOOL:${ARTEL_WARNINGS_AS_ERRORS}>:-Werror>)
  if(artel_sanitizer_flags)
    target_compile_options(${name} PUBLIC ${artel_sanitizer_flags})
    target_link_options(${name} PUBLIC ${artel_sanitizer_flags})
  endif()
endfunction()

# A layer: all sources below this directory as one static library.
function(artel_layer name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS
    "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  list(FILTER sources EXCLUDE REGEX "/shim/")
  add_library(${name} STATIC ${sources})
  artel_target(${name})
endfunction()
