#include "runtime/observe/receipt_record.hpp"

#include "protocol/identity/hash.hpp"
#include "runtime/observe/report_json.hpp"

#include <utility>

namespace artel::runtime {

namespace {

constexpr std::string_view chain_key = ",\"chain\":\"";

/// What follows a line's own record: key, hash in hexadecimal, quote, brace.
constexpr std::size_t chain_bytes = chain_key.size() + hash256::size * 2 + 2;

hash256 chain_after(const hash256& before, std::string_view record) {
  return hasher{"artel.receipt_line.v1"}
    .update(before.view())
    .update(as_bytes(record))
    .finish();
}

json source_json(const task_source& source) {
  auto files = json::array();
  for (const auto& file : source.files)
    files.push_back(json{{"path", json_of(file.path)}, {"bytes", file.bytes}});
  return json{
    {"kind", json_of(source.kind)},
    {"first", source.first},
    {"last", source.last},
    {"files", std::move(files)},
    {"line_offsets", json_of(source.line_offsets)},
    {"chunks", source.chunks},
    {"only", json_of(source.only)},
  };
}

/// Reads fields one after the other; remembers the first thing wrong.
class field_reader {
public:
  explicit field_reader(const json& object) : object_(object) {
    if (!object.is_object())
      outcome_ = {errc::malformed, "expected an object"};
  }

  template <class T>
  field_reader& take(std::string_view name, T& into) {
    if (outcome_)
      outcome_ = read_field(object_, name, into);
    return *this;
  }

  /// Leaves the target alone where there is no such field.
  template <class T>
  field_reader& take_if_there(std::string_view name, T& into) {
    if (outcome_ && object_.contains(std::string{name}))
      outcome_ = read_field(object_, name, into);
    return *this;
  }

  /// The fields of an object within.
  field_reader inner(std::string_view name) const {
    static const json nothing;
    if (!outcome_ || !object_.contains(std::string{name}))
      return field_reader{nothing};
    return field_reader{object_.at(std::string{name})};
  }

  const result<void>& outcome() const noexcept { return outcome_; }

private:
  const json& object_;
  result<void> outcome_;
};

result<void> read_source(const json& from, task_source& source) {
  field_reader fields{from};
  fields.take("kind", source.kind)
    .take("first", source.first)
    .take("last", source.last)
    .take("line_offsets", source.line_offsets)
    .take("chunks", source.chunks)
    .take("only", source.only);
  if (!fields.outcome())
    return fields.outcome();
  if (!from.contains("files") || !from["files"].is_array())
    return {errc::malformed, "no array 'files'"};
  for (const auto& one : from["files"]) {
    source_file file;
    field_reader inner{one};
    inner.take("path", file.path).take("bytes", file.bytes);
    if (!inner.outcome())
      return inner.outcome();
    source.files.push_back(std::move(file));
  }
  return {};
}

result<receipt_line_content> read_task(const json& line) {
  task_record record;
  std::string directory;
  field_reader fields{line};
  fields.take("format", record.format);
  if (fields.outcome() && record.format != task_record::format_current)
    return {errc::version_mismatch,
            "the file has format " + std::to_string(record.format)
              + "; this artel reads format "
              + std::to_string(task_record::format_current)};
  fields.take("task", record.task)
    .take("started", record.started)
    .take("file_name", record.file_name)
    .take("directory", directory)
    .take("text", record.text)
    .take("code", record.code)
    .take("reduce_code", record.reduce_code);
  if (!fields.outcome())
    return fields.outcome().error();
  record.directory = directory;
  if (!line.contains("source"))
    return {errc::malformed, "no field 'source'"};
  if (auto source = read_source(line["source"], record.source); !source)
    return {source.error().code, "source: " + source.error().message};
  return receipt_line_content{std::move(record)};
}

result<receipt_line_content> read_worker(const json& line) {
  worker_certified record;
  field_reader fields{line};
  fields.take("ownership", record.item).take("worker_name", record.worker_name);
  if (!fields.outcome())
    return fields.outcome().error();
  return receipt_line_content{std::move(record)};
}

result<receipt_line_content> read_receipt(const json& line) {
  receipt_recorded record;
  field_reader fields{line};
  fields.take("receipt", record.item.body)
    .take("proof", record.item.proof)
    .take("worker_name", record.worker_name)
    .take("stderr_tail", record.stderr_tail);
  if (!fields.outcome())
    return fields.outcome().error();
  return receipt_line_content{std::move(record)};
}

result<receipt_line_content> read_verdict(const json& line) {
  verdict_line record;
  bytes output;
  field_reader fields{line};
  fields.take("verdict", record.item.body)
    .take("proof", record.item.proof)
    .take("input_name", record.input_name)
    .take_if_there("output", output)
    .take_if_there("files", record.files)
    .take_if_there("failure", record.failure_code)
    .take_if_there("stderr_tail", record.stderr_tail);
  if (!fields.outcome())
    return fields.outcome().error();
  if (line.contains("output"))
    record.output = std::move(output);
  return receipt_line_content{std::move(record)};
}

result<receipt_line_content> read_settlement(const json& line) {
  settlement_line record;
  field_reader fields{line};
  fields.take("task", record.task).take("state", record.state);
  auto jobs = fields.inner("jobs");
  jobs.take("total", record.jobs.total)
    .take("started", record.jobs.started)
    .take("completed", record.jobs.completed)
    .take("failed", record.jobs.failed)
    .take("cancelled", record.jobs.cancelled);
  auto replicas = fields.inner("replicas");
  replicas.take("run", record.replicas_run)
    .take("agreed", record.replicas_agreed);
  auto amounts = fields.inner("settlement");
  amounts.take("held", record.held)
    .take("paid", record.paid)
    .take("refunded", record.refunded)
    .take("balance_before", record.balance_before)
    .take("balance_after", record.balance_after)
    .take("network_before", record.network_before)
    .take("network_after", record.network_after);
  for (const auto* part : {&fields, &jobs, &replicas, &amounts})
    if (!part->outcome())
      return part->outcome().error();
  const auto& settlement = line["settlement"];
  record.paid_by_claims = settlement.contains("claims");
  if (record.paid_by_claims) {
    field_reader claims{settlement["claims"]};
    claims.take("sent", record.claims_sent)
      .take("acknowledged", record.claims_acknowledged);
    if (!claims.outcome())
      return claims.outcome().error();
  }
  return receipt_line_content{std::move(record)};
}

} // namespace

json record_json(const task_record& record) {
  return json{
    {"kind", "task"},
    {"format", record.format},
    {"task", json_of(record.task)},
    {"started", json_of(record.started)},
    {"file_name", json_of(record.file_name)},
    {"directory", json_of(record.directory.string())},
    {"text", json_of(record.text)},
    {"source", source_json(record.source)},
    {"code", json_of(record.code)},
    {"reduce_code", json_of(record.reduce_code)},
  };
}

json record_json(const worker_certified& record) {
  return json{
    {"kind", "worker"},
    {"ownership", json_of(record.item)},
    {"worker_name", json_of(record.worker_name)},
  };
}

json record_json(const receipt_recorded& record) {
  return json{
    {"kind", "receipt"},
    {"receipt", json_of(record.item.body)},
    {"proof", json_of(record.item.proof)},
    {"worker_name", json_of(record.worker_name)},
    {"stderr_tail", json_of(record.stderr_tail)},
  };
}

json record_json(const verdict_recorded& record, std::size_t output_bytes_max) {
  json line{
    {"kind", "verdict"},
    {"verdict", json_of(record.item.body)},
    {"proof", json_of(record.item.proof)},
    {"input_name", json_of(record.input_name)},
  };
  if (!record.item.body.accepted) {
    line["failure"] = json_of(record.failure_code);
    line["stderr_tail"] = json_of(record.stderr_tail);
    return line;
  }
  if (record.output.size() <= output_bytes_max)
    line["output"] = json_of(record.output);
  if (!record.files.empty())
    line["files"] = json_of(hash_of(record.files));
  return line;
}

json record_json(const task_report& report) {
  json line{{"kind", "settlement"}};
  auto rest = report_json(report);
  // Each failed job has a verdict of its own in the file.
  rest.erase("failed_jobs");
  line.update(rest);
  return line;
}

result<receipt_line_content> read_record(const json& line) {
  std::string kind;
  if (auto taken = line.is_object()
                     ? read_field(line, "kind", kind)
                     : result<void>{errc::malformed, "expected an object"};
      !taken)
    return taken.error();
  if (kind == "task")
    return read_task(line);
  if (kind == "receipt")
    return read_receipt(line);
  if (kind == "worker")
    return read_worker(line);
  if (kind == "verdict")
    return read_verdict(line);
  if (kind == "settlement")
    return read_settlement(line);
  return {errc::malformed,
          "kind: expected task, worker, receipt, verdict or settlement"};
}

std::string chained_line(const json& record, hash256& chain) {
  auto text = line_of(record);
  chain = chain_after(chain, text);
  text.pop_back();
  text += chain_key;
  text += to_string(chain);
  text += "\"}\n";
  return text;
}

unchained_line read_chained_line(std::string_view line, hash256& chain) {
  unchained_line reading;
  if (line.size() <= chain_bytes
      || !line.substr(line.size() - chain_bytes).starts_with(chain_key)
      || !line.ends_with("\"}")) {
    reading.problem = {errc::malformed, "the line does not end with its chain;"
                                        " it was cut off or changed"};
    return reading;
  }
  auto record = std::string{line.substr(0, line.size() - chain_bytes)} + "}";
  auto digits = line.substr(line.size() - chain_bytes + chain_key.size(),
                            hash256::size * 2);
  auto parsed = parse_json(record);
  if (parsed)
    reading.record = std::move(*parsed);
  else
    reading.problem = parsed.error();
  auto expected = chain_after(chain, record);
  if (to_string(expected) == digits) {
    chain = expected;
    return reading;
  }
  reading.problem = {
    errc::bad_signature,
    "the line was changed after it was written, or lines before it were added"
    " or taken out: its chain does not fit"};
  auto stated = parse_id<hash256>(digits);
  chain = stated ? *stated : expected;
  return reading;
}

} // namespace artel::runtime
