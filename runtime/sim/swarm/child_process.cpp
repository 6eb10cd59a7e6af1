#include "runtime/sim/swarm/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace artel::sim {

namespace {

failure system_problem(std::string_view what) {
  auto number = errno;
  return {errc::system_failure,
          std::string{what} + ": " + std::strerror(number)};
}

bool send_message(int socket, std::string_view message) {
  message = message.substr(0, child_process::message_bytes_max);
  for (;;) {
    auto sent = ::send(socket, message.data(), message.size(), MSG_NOSIGNAL);
    if (sent >= 0 || errno != EINTR)
      return sent >= 0;
  }
}

std::optional<std::string> receive_message(int socket) {
  std::string message(child_process::message_bytes_max, '\0');
  for (;;) {
    auto size = ::recv(socket, message.data(), message.size(), 0);
    if (size < 0 && errno == EINTR)
      continue;
    // An empty message is the end, so none is ever sent.
    if (size <= 0)
      return std::nullopt;
    message.resize(static_cast<std::size_t>(size));
    return message;
  }
}

[[noreturn]] void run_child(int socket, int error_file, pid_t parent,
                            const child_process::work& what) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // Whoever started it may be gone already.
  if (::getppid() != parent)
    ::_exit(1);
  for (auto number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
    ::signal(number, SIG_IGN);
  // Whatever handles a failed assertion here: there it is the end.
  ::signal(SIGABRT, SIG_DFL);
  ::dup2(error_file, STDERR_FILENO);
  while (auto message = receive_message(socket))
    if (!send_message(socket, what(*message)))
      break;
  // Not exit(): nothing of the parent's is to be flushed or ended twice.
  ::_exit(0);
}

std::string end_text(int status) {
  if (WIFSIGNALED(status)) {
    auto number = WTERMSIG(status);
    return "ended by signal " + std::to_string(number) + " ("
           + ::strsignal(number) + ")";
  }
  return "ended with exit code "
         + std::to_string(WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

} // namespace

result<std::unique_ptr<child_process>> child_process::start(work what) {
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return system_problem("no socket for another process");
  auto error_file = ::memfd_create("standard error", MFD_CLOEXEC);
  auto parent = ::getpid();
  auto process = error_file < 0 ? -1 : ::fork();
  if (process == 0) {
    ::close(ends[0]);
    run_child(ends[1], error_file, parent, what);
  }
  auto problem = system_problem("no other process can be started");
  ::close(ends[1]);
  if (process < 0) {
    ::close(ends[0]);
    if (error_file >= 0)
      ::close(error_file);
    return problem;
  }
  return std::unique_ptr<child_process>{
    new child_process{process, ends[0], error_file}};
}

child_process::~child_process() {
  end();
  ::close(socket_);
  ::close(error_file_);
}

bool child_process::send(std::string_view message) {
  return process_ > 0 && send_message(socket_, message);
}

std::optional<std::string> child_process::receive() {
  return receive_message(socket_);
}

bool child_process::wait(std::chrono::milliseconds limit) const {
  pollfd entry{socket_, POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(limit.count())) > 0;
}

std::string child_process::error_tail() const {
  constexpr off_t tail_bytes = 2'000;
  struct stat about {};
  if (::fstat(error_file_, &about) != 0 || about.st_size == 0)
    return {};
  auto start = std::max<off_t>(0, about.st_size - tail_bytes);
  std::string text(static_cast<std::size_t>(about.st_size - start), '\0');
  auto size = ::pread(error_file_, text.data(), text.size(), start);
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

std::string child_process::end() {
  if (process_ <= 0)
    return {};
  ::kill(process_, SIGKILL);
  int status = 0;
  while (::waitpid(process_, &status, 0) < 0 && errno == EINTR)
    ;
  process_ = -1;
  auto tail = error_tail();
  return end_text(status) + (tail.empty() ? "" : ": " + tail);
}

} // namespace artel::sim
