#include "sandbox/container/short_command.hpp"

#include "sandbox/process/spawn.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

namespace artel::sandbox {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t output_bytes_max = 64 << 10;

bool wait_until(const descriptor& file, clock::time_point deadline) {
  auto left = std::chrono::ceil<milliseconds>(deadline - clock::now()).count();
  pollfd event{file.number(), POLLIN, 0};
  constexpr milliseconds::rep most = 60'000;
  return ::poll(&event, 1,
                static_cast<int>(std::clamp<milliseconds::rep>(left, 0, most)))
         > 0;
}

/// Until the end, which is that of the last process that holds the pipe.
void read_output(const descriptor& pipe, clock::time_point deadline,
                 std::string& output) {
  std::array<char, 4096> buffer{};
  while (wait_until(pipe, deadline)) {
    auto count = ::read(pipe.number(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return;
    auto room = output_bytes_max - output.size();
    output.append(buffer.data(),
                  std::min(room, static_cast<std::size_t>(count)));
  }
}

} // namespace

result<command_result> run_short_command(std::vector<std::string> command,
                                         bool drop_root,
                                         milliseconds patience) {
  auto deadline = clock::now() + patience;
  auto pipe = make_pipe();
  if (!pipe)
    return pipe.error();
  descriptor nothing{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  if (!nothing.is_open())
    return system_error("cannot open /dev/null");
  spawn_request request;
  request.arguments = std::move(command);
  request.environment = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"};
  request.descriptors = {nothing.number(), pipe->write.number(),
                         pipe->write.number()};
  request.drop_root = drop_root;
  auto child = spawn(request);
  if (!child)
    return child.error();
  pipe->write.close();
  command_result ended;
  read_output(pipe->read, deadline, ended.output);
  auto in_time = wait_until(child->handle, deadline);
  if (!in_time)
    ::syscall(SYS_pidfd_send_signal, child->handle.number(), SIGKILL, nullptr,
              0);
  while (::waitpid(child->id, &ended.wait_status, 0) < 0 && errno == EINTR)
    continue;
  if (!in_time)
    return {errc::timed_out, "'" + request.arguments.front()
                               + "' did not end within "
                               + std::to_string(patience.count()) + " ms"};
  return ended;
}

} // namespace artel::sandbox
