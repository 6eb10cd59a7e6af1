#include "runtime/control/result_stream.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/chunk_plan.hpp"
#include "runtime/observe/receipt_file.hpp"
#include "runtime/observe/results_directory.hpp"

#include <algorithm>
#include <fstream>
#include <string>
#include <system_error>
#include <vector>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

failure nobody_listens() {
  return {errc::unreachable, "nobody waits for the results any more"};
}

/// Which of a task's things a piece belongs to.
struct piece_owner {
  /// "aggregate", "output", "file".
  const char* part;
  std::uint64_t job = 0;
  /// Of an output file.
  std::string name = {};
};

json piece_json(const piece_owner& of, const bytes& data) {
  json piece{{"part", of.part}, {"job", of.job}};
  if (!of.name.empty())
    piece["name"] = json_of(of.name);
  piece["data"] = json_of(data);
  return json{{"piece", std::move(piece)}};
}

result<void> send_file(const fs::path& path, const piece_owner& of,
                       control_reply& reply) {
  std::ifstream stream{path, std::ios::binary};
  if (!stream)
    return {errc::system_failure, "'" + path.string() + "' can't be read"};
  // An empty file is one piece too.
  for (auto first = true;; first = false) {
    bytes data(result_piece_bytes);
    stream.read(reinterpret_cast<char*>(data.data()),
                static_cast<std::streamsize>(data.size()));
    data.resize(static_cast<std::size_t>(stream.gcount()));
    if (data.empty() && !first)
      return {};
    if (!reply.event(piece_json(of, data)))
      return nobody_listens();
  }
}

result<void> send_files_below(const fs::path& directory, std::uint64_t job,
                              control_reply& reply) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::recursive_directory_iterator it{directory, error}, end;
       !error && it != end; it.increment(error))
    if (it->is_regular_file())
      found.push_back(it->path());
  std::sort(found.begin(), found.end());
  for (const auto& path : found) {
    auto name = path.lexically_relative(directory).string();
    if (auto sent = send_file(path, {"file", job, name}, reply); !sent)
      return sent;
  }
  return {};
}

result<void> send_job(const fs::path& results, const result_names& names,
                      std::uint64_t job, control_reply& reply) {
  auto output = results / names.of(job);
  std::error_code error;
  if (!fs::exists(output, error))
    return {};
  auto files = results / names.files_of(job);
  if (fs::exists(files, error))
    if (auto sent = send_files_below(files, job, reply); !sent)
      return sent;
  if (auto sent = send_file(output, {"output", job}, reply); !sent)
    return sent;
  return reply.event(json{{"job_end", job}}) ? result<void>{}
                                             : nobody_listens();
}

/// The first line of a receipt file says what was run; nothing where the task
/// was refused.
result<std::optional<json>> first_record(const fs::path& path) {
  std::ifstream stream{path, std::ios::binary};
  if (!stream)
    return {errc::system_failure, "'" + path.string() + "' can't be read"};
  std::string line;
  std::getline(stream, line);
  if (line.empty() || stream.eof())
    return std::optional<json>{};
  hash256 chain;
  auto read = read_chained_line(line, chain);
  if (read.problem)
    return *read.problem;
  return std::optional<json>{std::move(read.record)};
}

} // namespace

result<void> send_results(const fs::path& directory, control_reply& reply) {
  auto record = first_record(directory / "receipts.jsonl");
  if (!record)
    return record.error();
  if (!*record)
    return {};
  auto content = read_record(**record);
  if (!content)
    return content.error();
  const auto* task = std::get_if<task_record>(&*content);
  if (task == nullptr)
    return {errc::malformed, "the task's receipts don't begin with the task"};
  if (!reply.event(json{{"record", **record}}))
    return nobody_listens();
  std::error_code error;
  if (auto aggregate = directory / "result"; fs::exists(aggregate, error))
    return send_file(aggregate, {"aggregate"}, reply);
  auto results = directory / "results";
  if (!fs::exists(results, error))
    return {};
  result_names names{task->source};
  auto count = chunk_count(task->source);
  for (std::uint64_t job = 0; job < count; ++job)
    if (auto sent = send_job(results, names, job, reply); !sent)
      return sent;
  return {};
}

// -- the other side -----------------------------------------------------------

result<void> result_receiver::take(const json& event) {
  if (auto record = event.find("record"); record != event.end())
    return take_record(*record);
  if (!record_)
    return {errc::malformed, "results without their task"};
  if (auto piece = event.find("piece"); piece != event.end())
    return take_piece(*piece);
  if (!event.contains("job_end"))
    return {errc::malformed, "results: neither a piece nor an end"};
  name_input();
  result<void> taken = on_job ? on_job(job_) : result<void>{};
  job_ = {};
  job_bytes_ = 0;
  return taken;
}

result<void> result_receiver::take_record(const json& record) {
  auto content = read_record(record);
  if (!content)
    return content.error();
  const auto* task = std::get_if<task_record>(&*content);
  if (task == nullptr)
    return {errc::malformed, "results: expected a task"};
  record_ = *task;
  chunks_.emplace(record_->source);
  return on_task ? on_task(*record_) : result<void>{};
}

result<void> result_receiver::take_piece(const json& piece) {
  if (!piece.is_object())
    return {errc::malformed, "results: expected an object"};
  std::string part;
  bytes data;
  auto& body = job_.item.body;
  result<void> taken = read_field(piece, "part", part);
  if (taken)
    taken = read_field(piece, "job", body.job);
  if (taken)
    taken = read_field(piece, "data", data);
  if (!taken)
    return taken;
  job_bytes_ += data.size();
  if (part == "aggregate") {
    if (!aggregate_)
      aggregate_.emplace();
    aggregate_->insert(aggregate_->end(), data.begin(), data.end());
    return {};
  }
  if (job_bytes_ > limits::output_bytes_max)
    return {errc::limit_exceeded, "results: a job's output is too large"};
  body.accepted = true;
  if (part == "output") {
    job_.output.insert(job_.output.end(), data.begin(), data.end());
    return {};
  }
  std::string name;
  if (taken = read_field(piece, "name", name); !taken)
    return taken;
  if (job_.files.empty() || job_.files.back().name != name) {
    if (job_.files.size() >= limits::output_files_max)
      return {errc::limit_exceeded, "results: a job has too many files"};
    job_.files.push_back({name, {}});
  }
  auto& file = job_.files.back();
  file.data.insert(file.data.end(), data.begin(), data.end());
  return {};
}

void result_receiver::name_input() {
  auto job = job_.item.body.job;
  if (job >= chunks_->count())
    return;
  auto one = chunks_->at(job);
  if (one.kind == input_kind::range)
    job_.input_name =
      std::to_string(one.first) + ".." + std::to_string(one.last);
  else
    job_.input_name = file_name_of(one.path);
}

} // namespace artel::runtime
