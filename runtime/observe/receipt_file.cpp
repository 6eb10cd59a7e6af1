#include "runtime/observe/receipt_file.hpp"

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t buffer_bytes = 256u << 10;

std::string system_message(int error) {
  return std::strerror(error);
}

result<int> open_for_writing(const fs::path& path, int flags) {
  auto descriptor =
    ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | flags, 0644);
  if (descriptor < 0) {
    // Pipes and terminals can be written to, but not opened for both.
    descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0644);
  }
  if (descriptor < 0)
    return {errc::system_failure,
            "receipts file '" + path.string() + "': " + system_message(errno)};
  return descriptor;
}

bool has_content(const fs::path& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)
         && status.st_size > 0;
}

bool are_same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error) && !error;
}

result<std::ifstream> open_for_reading(const fs::path& path) {
  auto named = "receipts file '" + path.string() + "'";
  std::error_code error;
  auto status = fs::status(path, error);
  if (!fs::exists(status))
    return {errc::not_found, named + " does not exist"};
  if (fs::is_directory(status))
    return {errc::invalid_argument, named + " is a directory"};
  std::ifstream stream{path, std::ios::binary};
  if (!stream)
    return {errc::system_failure, named + " cannot be opened for reading"};
  return stream;
}

/// False at the end of the file, and for a last line without its newline.
bool read_whole_line(std::ifstream& stream, std::string& line) {
  return std::getline(stream, line) && !stream.eof();
}

} // namespace

// -- writing ------------------------------------------------------------------

result<std::unique_ptr<receipt_writer>>
receipt_writer::create(const fs::path& path, bool force) {
  if (!force && has_content(path))
    return {errc::already_exists,
            "receipts file '" + path.string()
              + "' exists; give another name, or --force to replace it"};
  auto descriptor = open_for_writing(path, O_TRUNC);
  if (!descriptor)
    return descriptor.error();
  return std::unique_ptr<receipt_writer>{new receipt_writer{*descriptor, path}};
}

result<std::unique_ptr<receipt_writer>>
receipt_writer::continue_from(const fs::path& earlier, const fs::path& path,
                              bool force) {
  if (!are_same_file(earlier, path)) {
    auto writer = create(path, force);
    if (!writer)
      return writer;
    if (auto copied = (*writer)->copy_lines(earlier); !copied)
      return copied.error();
    return writer;
  }
  auto descriptor = open_for_writing(path, 0);
  if (!descriptor)
    return descriptor.error();
  std::unique_ptr<receipt_writer> writer{new receipt_writer{*descriptor, path}};
  if (auto kept = writer->keep_whole_lines(); !kept)
    return kept.error();
  return writer;
}

receipt_writer::~receipt_writer() {
  flush();
  ::close(descriptor_);
}

result<void> receipt_writer::copy_lines(const fs::path& earlier) {
  auto stream = open_for_reading(earlier);
  if (!stream)
    return stream.error();
  std::string line;
  while (!problem_ && read_whole_line(*stream, line)) {
    read_chained_line(line, chain_);
    buffer_ += line;
    buffer_ += '\n';
    if (buffer_.size() >= buffer_bytes)
      flush();
  }
  flush();
  return problem_ ? result<void>{*problem_} : result<void>{};
}

result<void> receipt_writer::keep_whole_lines() {
  auto stream = open_for_reading(path_);
  if (!stream)
    return stream.error();
  std::string line;
  ::off_t kept = 0;
  while (read_whole_line(*stream, line)) {
    read_chained_line(line, chain_);
    kept += static_cast<::off_t>(line.size()) + 1;
  }
  if (::ftruncate(descriptor_, kept) != 0
      || ::lseek(descriptor_, kept, SEEK_SET) != kept)
    return {errc::system_failure,
            "receipts file '" + path_.string() + "': " + system_message(errno)};
  return {};
}

void receipt_writer::put(const json& record) {
  if (problem_)
    return;
  buffer_ += chained_line(record, chain_);
  if (buffer_.size() >= buffer_bytes)
    flush();
}

void receipt_writer::flush() {
  std::string_view rest = buffer_;
  while (!rest.empty() && !problem_) {
    auto count = ::write(descriptor_, rest.data(), rest.size());
    if (count >= 0)
      rest.remove_prefix(static_cast<std::size_t>(count));
    else if (errno != EINTR)
      problem_ = {errc::system_failure, "receipts file '" + path_.string()
                                          + "': " + system_message(errno)
                                          + "; no more receipts are written"};
  }
  buffer_.clear();
}

// -- reading ------------------------------------------------------------------

result<receipt_reader> receipt_reader::open(const fs::path& path) {
  auto stream = open_for_reading(path);
  if (!stream)
    return stream.error();
  return receipt_reader{std::move(*stream)};
}

std::optional<receipt_line> receipt_reader::next() {
  std::string text;
  if (!read_whole_line(stream_, text)) {
    partial_ = partial_ || !text.empty();
    return std::nullopt;
  }
  receipt_line line;
  line.number = ++number_;
  auto reading = read_chained_line(text, chain_);
  line.problem = std::move(reading.problem);
  if (reading.record.is_null())
    return line;
  auto content = read_record(reading.record);
  if (content)
    line.content = std::move(*content);
  else if (!line.problem)
    line.problem = content.error();
  return line;
}

} // namespace artel::runtime
