// One attack, from its bundle to what was found.
#pragma once

#include "tests/sandbox/hostile/attack.hpp"
#include "tests/sandbox/hostile/host_watch.hpp"
#include "tests/sandbox/hostile/testbed.hpp"

#include <filesystem>
#include <string>

namespace artel::hostile {

/// Each is empty where it held, else says what was seen.
struct findings {
  /// What was tried did not happen.
  std::string blocked;
  std::string host_unharmed;
  std::string told_correctly;
  std::string next_job_clean;
  sandbox::run_result result;
  milliseconds took{0};

  bool held() const {
    return blocked.empty() && host_unharmed.empty() && told_correctly.empty()
           && next_job_clean.empty();
  }
};

class attack_runner {
public:
  /// Programs are the files of that directory. All must outlive the object.
  attack_runner(const testbed& bed, const host_watch& host, sandbox_kind kind,
                std::filesystem::path programs);

  findings run(const attack& one) const;

private:
  sandbox::run_request request_for(const attack& one) const;
  std::string find_escape(const attack& one,
                          const sandbox::run_result& result) const;
  std::string find_changed_bundle(const sandbox::run_request& request) const;
  std::string find_wrong_ending(const attack& one, const findings& seen) const;
  std::string run_honest_job(const attack& one,
                             const sandbox::run_request& before) const;
  std::uint64_t memory_bytes_most(execution_limits limits) const;

  const testbed& bed_;
  const host_watch& host_;
  sandbox_kind kind_;
  std::filesystem::path programs_;
};

/// "crashed(9)".
std::string describe(const ending& end);

} // namespace artel::hostile
