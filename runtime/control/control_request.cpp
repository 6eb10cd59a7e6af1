#include "runtime/control/control_request.hpp"

#include "protocol/overlay/address.hpp"
#include "protocol/wire/codec.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace artel::runtime {

namespace {

/// Paths, names and ids go to calls that take a zero for the end.
result<void> read_name(const json& from, std::string_view name,
                       std::string& into) {
  auto taken = read_field(from, name, into);
  if (taken && into.find('\0') != into.npos)
    return {errc::malformed,
            std::string{name} + ": expected text without a byte of zero"};
  return taken;
}

result<control_request> read_ping(const json& from) {
  ping_request request;
  auto taken = read_name(from, "address", request.address);
  if (taken)
    taken = read_name(from, "node", request.node);
  if (taken)
    taken = read_field(from, "count", request.count);
  if (!taken)
    return taken.error();
  if (!request.address.empty())
    if (auto where = parse_address(request.address); !where)
      return {where.error().code, "address: " + where.error().message};
  if (request.count == 0 || request.count > control_pings_max)
    return {errc::out_of_range, "count: " + std::to_string(request.count)
                                  + " given; expected 1 to "
                                  + std::to_string(control_pings_max)};
  return control_request{std::move(request)};
}

result<control_request> read_drain(const json& from) {
  drain_request request;
  if (auto taken = read_field(from, "deadline_ms", request.deadline); !taken)
    return taken.error();
  request.deadline =
    std::clamp(request.deadline, milliseconds{0}, control_drain_max);
  return control_request{request};
}

result<control_request> read_update(const json& from) {
  update_request request;
  if (auto taken = read_field(from, "config", request.config); !taken)
    return taken.error();
  // What no message may carry would cost this node all its links.
  auto carried = wire::decode<network_config>(wire::encode(request.config));
  if (!carried)
    return {errc::limit_exceeded,
            "config: too large to be passed on: " + carried.error().message};
  return control_request{std::move(request)};
}

result<control_request> read_submit(const json& from) {
  submit_request request;
  auto taken = read_field(from, "text", request.text);
  if (taken)
    taken = read_name(from, "directory", request.directory);
  if (taken)
    taken = read_name(from, "file_name", request.file_name);
  if (!taken)
    return taken.error();
  if (!std::filesystem::path{request.directory}.is_absolute())
    return {errc::invalid_argument, "directory: expected an absolute path"};
  return control_request{std::move(request)};
}

result<control_request> read_logs(const json& from) {
  logs_request request;
  auto taken = read_field(from, "follow", request.follow);
  if (taken)
    taken = read_name(from, "task", request.task);
  if (!taken)
    return taken.error();
  return control_request{std::move(request)};
}

template <class Request>
result<control_request> read_empty(const json&) {
  return control_request{Request{}};
}

template <class Request>
result<control_request> read_task(const json& from) {
  Request request;
  if (auto taken = read_name(from, "task", request.task); !taken)
    return taken.error();
  return control_request{std::move(request)};
}

struct entry {
  std::string_view name;
  result<control_request> (*read)(const json&);
};

constexpr std::array<entry, std::variant_size_v<control_request>> entries{{
  {"node.status", read_empty<status_request>},
  {"node.ping", read_ping},
  {"node.drain", read_drain},
  {"network.update", read_update},
  {"task.submit", read_submit},
  {"task.list", read_empty<list_request>},
  {"task.describe", read_task<describe_request>},
  {"task.explain", read_task<explain_request>},
  {"task.wait", read_task<wait_request>},
  {"task.logs", read_logs},
  {"task.results", read_task<results_request>},
  {"task.stop", read_task<stop_request>},
}};

} // namespace

result<control_request> read_control_request(const json& from) {
  std::string name;
  if (auto taken = read_field(from, "request", name); !taken)
    return taken.error();
  for (const auto& one : entries)
    if (one.name == name)
      return one.read(from);
  return {errc::malformed, "there is no request of that name"};
}

result<json> parse_control_line(std::string_view line, std::size_t values_max) {
  auto parsed = parse_json(line, {.values_max = values_max});
  if (parsed && !parsed->is_object())
    return {errc::malformed, "expected a JSON object on each line"};
  return parsed;
}

} // namespace artel::runtime
