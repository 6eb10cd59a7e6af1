// What a client may ask a node daemon, read as a whole before anything is done
// about it. Pure: a line gives a request, or says what is wrong with it.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/governance/network_config.hpp"
#include "runtime/observe/json.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace artel::runtime {

/// A request carries a task's text. It has few values beside: the most are in a
/// network's config, which may list as many revoked keys twice.
inline constexpr std::size_t control_request_bytes_max = 8u << 20;
inline constexpr std::size_t control_request_values_max = 1u << 17;

inline constexpr std::uint32_t control_pings_max = 1'000;
inline constexpr milliseconds control_drain_max{24 * 3'600'000};

struct status_request {};

/// One of the two texts is empty.
struct ping_request {
  /// "HOST:PORT".
  std::string address;
  /// The first digits of an id.
  std::string node;
  /// 1 to control_pings_max.
  std::uint32_t count = 0;
};

struct drain_request {
  /// 0 to control_drain_max.
  milliseconds deadline{0};
};

struct update_request {
  network_config config;
};

struct submit_request {
  /// TOML.
  std::string text;
  /// Absolute.
  std::string directory;
  std::string file_name;
};

struct list_request {};

/// `task` is the first digits of an id, in these.
struct describe_request {
  std::string task;
};
struct explain_request {
  std::string task;
};
struct wait_request {
  std::string task;
};
struct logs_request {
  std::string task;
  bool follow = false;
};
struct results_request {
  std::string task;
};
struct stop_request {
  std::string task;
};

using control_request =
  std::variant<status_request, ping_request, drain_request, update_request,
               submit_request, list_request, describe_request, explain_request,
               wait_request, logs_request, results_request, stop_request>;

/// Errors: malformed (no request, none of that name, a field that is missing or
/// of another kind, a name with a byte of zero), out_of_range,
/// invalid_argument, limit_exceeded (a config that is too large to be passed
/// on). Fields that no request has are ignored.
result<control_request> read_control_request(const json& from);

/// One line of a control connection, which is to be an object of so many values
/// at most. malformed where it is none, or has more, or is nested too deep.
result<json> parse_control_line(std::string_view line, std::size_t values_max);

} // namespace artel::runtime
