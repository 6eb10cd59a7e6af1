# What every target of artel shares.

option(ARTEL_WARNINGS_AS_ERRORS "Treat compiler warnings as errors" OFF)
set(ARTEL_SANITIZER "" CACHE STRING
  "address (with undefined), thread, fuzz (clang's libFuzzer), or empty")

# ccache makes rebuilds cheap; where it is absent, builds go on without it.
find_program(ARTEL_CCACHE ccache)
if(ARTEL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${ARTEL_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${ARTEL_CCACHE}")
endif()

# Nearly half of the time that -O2 -g takes to compile; reports keep their lines.
set(artel_sanitizer_pace -O1 -g1 -fno-omit-frame-pointer)
if(ARTEL_SANITIZER STREQUAL "address")
  set(artel_sanitizer_flags ${artel_sanitizer_pace}
    -fsanitize=address,undefined -fno-sanitize-recover=all)
elseif(ARTEL_SANITIZER STREQUAL "thread")
  set(artel_sanitizer_flags ${artel_sanitizer_pace} -fsanitize=thread)
  if(NOT CAF_ROOT)
    message(FATAL_ERROR "The thread sanitizer reports races that aren't there "
      "in a CAF that isn't instrumented. Run tools/dev tsan, or pass "
      "-DCAF_ROOT=\"$(cmake/instrumented_caf.sh)\".")
  endif()
elseif(ARTEL_SANITIZER STREQUAL "fuzz")
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "libFuzzer comes with clang. Run tools/dev fuzz.")
  endif()
  set(artel_sanitizer_flags
    -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
elseif(NOT ARTEL_SANITIZER STREQUAL "")
  message(FATAL_ERROR "ARTEL_SANITIZER is '${ARTEL_SANITIZER}'; "
    "expected 'address', 'thread', 'fuzz' or nothing")
endif()

# Options for one target: warnings, sanitizers, includes from the root.
function(artel_target name)
  target_include_directories(${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_compile_options(${name} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
    -Wno-missing-field-initializers
    $<$<BOOL:${ARTEL_WARNINGS_AS_ERRORS}>:-Werror>)
  # The standard library checks indices and preconditions wherever speed isn't
  # the point.
  target_compile_definitions(${name} PRIVATE
    $<$<NOT:$<CONFIG:Release>>:_GLIBCXX_ASSERTIONS>)
  if(artel_sanitizer_flags)
    # With them, g++ 12 takes empty optionals for ones that are read.
    target_compile_options(${name} PUBLIC ${artel_sanitizer_flags}
      $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
    target_link_options(${name} PUBLIC ${artel_sanitizer_flags})
  endif()
endfunction()

# Builds every header alone that no source includes first, so that none leans on
# what its user happened to include before. Only on demand: tools/dev lint builds this target.
add_custom_target(artel_headers)

function(artel_check_headers layer)
  file(GLOB_RECURSE headers RELATIVE "${PROJECT_SOURCE_DIR}" CONFIGURE_DEPENDS
    "${CMAKE_CURRENT_SOURCE_DIR}/*.hpp")
  # Programs of their own, in C++17.
  list(FILTER headers EXCLUDE REGEX "wasm/host/")
  set(wrappers)
  foreach(header IN LISTS headers)
    # A source that includes its own header first has shown it already.
    string(REGEX REPLACE "\\.hpp$" ".cpp" source
      "${PROJECT_SOURCE_DIR}/${header}")
    if(EXISTS "${source}")
      file(STRINGS "${source}" first_include REGEX "^#include" LIMIT_COUNT 1)
      if(first_include STREQUAL "#include \"${header}\"")
        continue()
      endif()
    endif()
    set(wrapper "${PROJECT_BINARY_DIR}/headers/${header}.cpp")
    # Twice: the second time shows that it guards itself.
    file(GENERATE OUTPUT "${wrapper}"
      CONTENT "#include \"${header}\"\n#include \"${header}\"\n")
    list(APPEND wrappers "${wrapper}")
  endforeach()
  if(wrappers)
    add_library(${layer}_headers OBJECT EXCLUDE_FROM_ALL ${wrappers})
    target_link_libraries(${layer}_headers PRIVATE ${layer})
    artel_target(${layer}_headers)
    # Wrappers are compiled for their errors, nobody links them.
    target_compile_options(${layer}_headers PRIVATE -O0)
    add_dependencies(artel_headers ${layer}_headers)
  endif()
endfunction()

# A layer: all sources below this directory as one static library. What it may
# include is what the caller links it with.
function(artel_layer name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS
    "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  # Programs of their own, not part of the library.
  list(FILTER sources EXCLUDE REGEX "/shim/|/wasm/host/|/main\\.cpp$")
  add_library(${name} STATIC ${sources})
  artel_target(${name})
  artel_check_headers(${name})
endfunction()
