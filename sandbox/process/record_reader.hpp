// Takes apart what comes out of a sandbox on descriptor 3.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/task/output_file.hpp"
#include "sandbox/shim/run_status.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace artel::sandbox {

struct run_records {
  /// artel_record_ended, _exec_failed or _setup_failed; 0 where the shim never
  /// got to report.
  std::uint32_t end_kind = 0;
  artel_run_status end{};
  /// How a WebAssembly module ended.
  std::optional<artel_module_report> module;
  std::vector<output_file> files;
  /// Why not all files are there: "size of all files".
  std::string files_problem;
  int files_error = 0;
};

/// Sandboxed code may have a hand in what is read: sizes are bounded, nonsense
/// ends the reading.
class record_reader {
public:
  /// Files of more than so many bytes in all are not taken.
  explicit record_reader(std::uint64_t files_bytes_max)
    : files_bytes_left_(files_bytes_max) {}

  void feed(bytes_view data);

  /// What was whole. Files are sorted; a file cut off is a problem.
  run_records finish();

  bool has_end() const noexcept { return records_.end_kind != 0; }
  const run_records& records() const noexcept { return records_; }

private:
  std::uint64_t length_max(std::uint32_t kind) const noexcept;
  void take_record(std::uint32_t kind, bytes_view body);
  void take_file(bytes_view body);

  std::uint64_t files_bytes_left_;
  bytes pending_;
  bool broken_ = false;
  run_records records_;
};

} // namespace artel::sandbox
