#include "sandbox/process/record_reader.hpp"

#include "protocol/core/limits.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

namespace artel::sandbox {

namespace {

template <class T>
T read_struct(bytes_view data) {
  T value;
  std::memcpy(&value, data.data(), sizeof(value));
  return value;
}

artel_run_status read_status(bytes_view body) {
  auto status = read_struct<artel_run_status>(body);
  status.step[sizeof(status.step) - 1] = '\0';
  return status;
}

} // namespace

void record_reader::feed(bytes_view data) {
  if (broken_)
    return;
  pending_.insert(pending_.end(), data.begin(), data.end());
  std::size_t done = 0;
  for (;;) {
    auto rest = bytes_view{pending_}.subspan(done);
    if (rest.size() < sizeof(artel_record_header))
      break;
    auto header = read_struct<artel_record_header>(rest);
    if (header.length > length_max(header.kind)) {
      broken_ = true;
      break;
    }
    if (rest.size() - sizeof(header) < header.length)
      break;
    take_record(header.kind, rest.subspan(sizeof(header), header.length));
    done += sizeof(header) + header.length;
  }
  pending_.erase(pending_.begin(),
                 pending_.begin() + static_cast<std::ptrdiff_t>(done));
}

std::uint64_t record_reader::length_max(std::uint32_t kind) const noexcept {
  switch (kind) {
    case artel_record_ended:
    case artel_record_exec_failed:
    case artel_record_setup_failed:
    case artel_record_files_incomplete: return sizeof(artel_run_status);
    case artel_record_module: return sizeof(artel_module_report);
    // Files come from the shim alone, when the program has ended.
    case artel_record_file:
      return has_end() ? sizeof(artel_file_head) + limits::name_bytes_max
                           + files_bytes_left_
                       : 0;
    default: return 0;
  }
}

void record_reader::take_record(std::uint32_t kind, bytes_view body) {
  switch (kind) {
    case artel_record_ended:
    case artel_record_exec_failed:
    case artel_record_setup_failed:
      // The first report is the true one: a failed start is told by the child,
      // and then once more by the shim, which sees only its exit code.
      if (body.size() == sizeof(artel_run_status) && !has_end()) {
        records_.end = read_status(body);
        records_.end_kind = kind;
      }
      break;
    case artel_record_module:
      if (body.size() == sizeof(artel_module_report) && !has_end()) {
        records_.module = read_struct<artel_module_report>(body);
        records_.module->text[sizeof(records_.module->text) - 1] = '\0';
      }
      break;
    case artel_record_files_incomplete:
      if (body.size() == sizeof(artel_run_status) && has_end()) {
        auto status = read_status(body);
        records_.files_problem = status.step;
        records_.files_error = status.value;
      }
      break;
    case artel_record_file: take_file(body); break;
    default: broken_ = true;
  }
}

void record_reader::take_file(bytes_view body) {
  if (body.size() < sizeof(artel_file_head)) {
    broken_ = true;
    return;
  }
  auto head = read_struct<artel_file_head>(body);
  auto rest = body.subspan(sizeof(head));
  if (head.name_bytes > rest.size()
      || head.data_bytes != rest.size() - head.name_bytes
      || head.data_bytes > files_bytes_left_) {
    broken_ = true;
    return;
  }
  auto data = rest.subspan(head.name_bytes);
  files_bytes_left_ -= data.size();
  records_.files.push_back({std::string{as_text(rest.first(head.name_bytes))},
                            bytes{data.begin(), data.end()}});
}

run_records record_reader::finish() {
  if ((broken_ || !pending_.empty()) && records_.files_problem.empty()) {
    records_.files_problem = "a report that was cut off";
    records_.files_error = EPROTO;
  }
  std::sort(records_.files.begin(), records_.files.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return std::move(records_);
}

} // namespace artel::sandbox
