#include "tests/sandbox/hostile/honest_job.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <sstream>

namespace artel::hostile {

namespace {

/// FNV-1a over all contents, in the order of the names.
std::string hash_contents(const code_bundle& bundle) {
  constexpr std::uint64_t prime = 0x100000001b3;
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const auto& file : bundle.files)
    for (auto byte : file.data)
      hash = (hash ^ byte) * prime;
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx",
                static_cast<unsigned long long>(hash));
  return text.data();
}

} // namespace

std::string honest_output(const sandbox::run_request& request) {
  std::string names;
  for (const auto& file : request.bundle->files)
    names += " " + file.name;
  auto has_output = request.limits.output_files_bytes > 0;
  auto is_container = request.sandbox.kind == sandbox_kind::container;
  return "honest 333833500\n"
         "user "
         + std::string{is_container ? "0 0" : "1000 1000"} + "\nenvironment "
         + std::string{has_output ? "ARTEL_OUTPUT=/output " : ""}
         + "HOME=/work LANG=C.UTF-8 PATH=/usr/bin:/bin "
         + (is_container ? "" : "PWD=/work ")
         + "TMPDIR=/work\n"
           "/work"
         + names
         + "\n/dev/shm\n"
           "/output\n"
           "processes 2\n"
           "descriptors 0 1 2\n"
           "ipc 0\n"
           "queue ENOENT\n"
           "socket free\n"
           "signals 0\n"
           "nice 0\n"
           "job "
         + hash_contents(*request.bundle)
         + "\n"
           "written yes\n";
}

std::string first_difference(const std::string& expected,
                             const std::string& seen) {
  std::istringstream wanted{expected};
  std::istringstream found{seen};
  std::string wanted_line;
  std::string found_line;
  for (;;) {
    bool more_wanted = static_cast<bool>(std::getline(wanted, wanted_line));
    bool more_found = static_cast<bool>(std::getline(found, found_line));
    if (!more_wanted && !more_found)
      return {};
    if (!more_wanted || !more_found || wanted_line != found_line)
      return std::string{"'"} + (more_found ? found_line : std::string{})
             + "' instead of '" + (more_wanted ? wanted_line : std::string{})
             + "'";
  }
}

} // namespace artel::hostile
