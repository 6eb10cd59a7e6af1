#include "runtime/control/control_client.hpp"

#include <cerrno>
#include <cstring>

#include <sys/socket.h>
#include <unistd.h>

namespace artel::runtime {

namespace {

/// Answers take long where a request waits; a daemon that ends closes the
/// connection.
constexpr std::chrono::hours answer_patience{24};

failure failure_of(const json& told) {
  failure problem{errc::malformed, "the node daemon gave an unreadable error"};
  errc code{};
  std::string message;
  if (told.is_object() && read_field(told, "code", code)
      && read_field(told, "message", message))
    problem = {code, message};
  return problem;
}

} // namespace

result<control_client>
control_client::connect(const std::filesystem::path& path) {
  auto address = control_address(path);
  if (!address)
    return address.error();
  auto descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0)
    return {errc::system_failure,
            std::string{"a control socket: "} + std::strerror(errno)};
  control_channel channel{descriptor};
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&*address),
                sizeof(*address))
      == 0)
    return control_client{std::move(channel)};
  auto error = errno;
  if (error == EACCES || error == EPERM)
    return {errc::refused,
            "the node at '" + path.string() + "' belongs to another user"};
  return {errc::unreachable,
          "no node answers at '" + path.string() + "' (" + std::strerror(error)
            + "); start one with 'artel node start', or name another by"
              " --control SOCKET or --config FILE"};
}

result<json> control_client::ask(const json& request,
                                 const control_events& on_event) {
  // A refusal may be there already: it says more than a broken pipe.
  auto sent = channel_.send(request);
  for (;;) {
    auto line = channel_.receive(control_answer_bytes_max, json_values_any,
                                 answer_patience);
    if (!line)
      return sent ? line.error() : sent.error();
    if (auto done = line->find("done"); done != line->end())
      return *done;
    if (auto told = line->find("failed"); told != line->end())
      return failure_of(*told);
    auto event = line->find("event");
    if (event == line->end())
      return {errc::malformed, "the node daemon said something unknown"};
    if (on_event && !on_event(*event))
      return {errc::cancelled, "no longer waiting for the node daemon"};
  }
}

} // namespace artel::runtime
