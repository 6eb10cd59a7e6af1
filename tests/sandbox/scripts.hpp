// Makes runs of small shell scripts, for the tests of the process sandbox.
#pragma once

#include "sandbox/process_executor.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace artel::test {

/// Never skips: a machine without bubblewrap fails these tests.
inline std::unique_ptr<sandbox::process_executor>
make_executor(const sandbox::process_config& config = {}) {
  auto made = sandbox::process_executor::make(config);
  INFO((made ? std::string{} : made.error().message));
  REQUIRE(made.ok());
  return std::move(*made);
}

inline sandbox::run_request script(const std::string& text,
                                   std::vector<std::string> arguments = {}) {
  code_bundle bundle;
  bundle.main = "job.sh";
  bundle.files.push_back({"job.sh", true, to_bytes("#!/bin/sh\n" + text)});
  bundle.arguments = std::move(arguments);
  sandbox::run_request request;
  request.bundle = std::make_shared<const code_bundle>(std::move(bundle));
  return request;
}

inline sandbox::run_result run(const sandbox::run_request& request,
                               std::stop_token stop = {}) {
  static auto executor = make_executor();
  return executor->execute(request, std::move(stop));
}

inline std::string output_of(const sandbox::run_result& result) {
  return std::string{as_text(result.output)};
}

/// For INFO: all that tells why a run did not end as expected.
inline std::string describe(const sandbox::run_result& result) {
  return std::string{to_string(result.outcome)} + " ("
         + std::to_string(result.exit_code) + "): " + result.detail
         + "\nstdout: " + output_of(result).substr(0, 2000)
         + "\nstderr: " + result.stderr_tail.substr(0, 2000);
}

} // namespace artel::test
