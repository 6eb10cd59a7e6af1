#include "runtime/config/passphrase.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

namespace artel::runtime {

namespace {

failure cannot(const std::string& name, std::string_view what, int error) {
  return {error == ENOENT  ? errc::not_found
          : error == EBADF ? errc::invalid_argument
                           : errc::system_failure,
          name + " cannot be " + std::string{what} + ": "
            + std::strerror(error)};
}

void write_text(int descriptor, std::string_view text) {
  while (!text.empty()) {
    auto count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno != EINTR)
      return;
    if (count > 0)
      text.remove_prefix(static_cast<std::size_t>(count));
  }
}

result<secret_text> sound(secret_text text, const std::string& name) {
  if (text.empty())
    return {errc::malformed, name + " is empty; expected a passphrase"};
  if (text.view().find('\0') != std::string_view::npos)
    return {errc::malformed, name + " has zero bytes; expected text"};
  return text;
}

failure too_long(const std::string& name) {
  return {errc::malformed, name + " is longer than "
                             + std::to_string(passphrase_bytes_max) + " bytes"};
}

/// While it lives, a terminal hands on every key at once and shows none, and
/// signals that would end the program wait.
class silent_terminal {
public:
  explicit silent_terminal(int descriptor) : descriptor_(descriptor) {
    sigemptyset(&held_);
    for (auto number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP})
      sigaddset(&held_, number);
    ::pthread_sigmask(SIG_BLOCK, &held_, &before_signals_);
    ready_ = ::tcgetattr(descriptor_, &before_) == 0;
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ECHONL | ICANON | ISIG);
    silent.c_iflag |= ICRNL;
    silent.c_cc[VMIN] = 1;
    silent.c_cc[VTIME] = 0;
    ready_ = ready_ && ::tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
  }
  silent_terminal(const silent_terminal&) = delete;
  silent_terminal& operator=(const silent_terminal&) = delete;
  ~silent_terminal() {
    if (ready_)
      ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
    ::pthread_sigmask(SIG_SETMASK, &before_signals_, nullptr);
  }

  bool ready() const noexcept { return ready_; }

  /// Waits for a key; 0 where a signal or the end of the input came first.
  char next_key() const {
    while (true) {
      pollfd wanted{descriptor_, POLLIN, 0};
      constexpr int look_around_ms = 100;
      auto count = ::poll(&wanted, 1, look_around_ms);
      if (signal_waits())
        return 0;
      if (count <= 0)
        continue;
      char key = 0;
      auto got = ::read(descriptor_, &key, 1);
      if (got == 1)
        return key;
      if (got == 0 || errno != EINTR)
        return 0;
    }
  }

private:
  bool signal_waits() const {
    sigset_t waiting;
    sigemptyset(&waiting);
    ::sigpending(&waiting);
    for (auto number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT})
      if (sigismember(&waiting, number) == 1)
        return true;
    return false;
  }

  int descriptor_;
  bool ready_ = false;
  termios before_{};
  sigset_t held_{};
  sigset_t before_signals_{};
};

void remove_last_character(secret_text& text) {
  auto size = text.size();
  // Of UTF-8, all bytes of the character.
  while (size > 0
         && (static_cast<unsigned char>(text.view()[size - 1]) & 0xc0) == 0x80)
    --size;
  text.shorten_to(size == 0 ? 0 : size - 1);
}

/// What was typed up to the end of the line.
result<secret_text> typed_line(const silent_terminal& terminal) {
  constexpr char control_c = 3;
  constexpr char control_d = 4;
  constexpr char backspace = 8;
  constexpr char control_u = 21;
  constexpr char delete_key = 127;
  secret_text text{passphrase_bytes_max};
  while (true) {
    auto key = terminal.next_key();
    if (key == '\n' || (key == control_d && !text.empty()))
      return sound(std::move(text), "the passphrase");
    if (key == 0 || key == control_c || key == control_d)
      return {errc::cancelled, "no passphrase was given"};
    if (key == backspace || key == delete_key)
      remove_last_character(text);
    else if (key == control_u)
      text.shorten_to(0);
    else if (!text.append({&key, 1}))
      return too_long("the passphrase");
  }
}

result<secret_text> read_file(const std::filesystem::path& path) {
  auto name = "passphrase file '" + path.string() + "'";
  auto descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    return cannot(name, "opened", errno);
  struct stat status {};
  result<secret_text> text{errc::system_failure, {}};
  if (::fstat(descriptor, &status) != 0)
    text = cannot(name, "looked at", errno);
  else if (!S_ISREG(status.st_mode))
    text = {errc::malformed, name + " is not a regular file"};
  else if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    text = {errc::refused,
            name + " may be used by others than its owner; chmod 600 '"
              + path.string() + "'"};
  else
    text = read_passphrase_line(descriptor, name);
  ::close(descriptor);
  return text;
}

result<secret_text> ask(const passphrase_source& source, passphrase_use use) {
  if (::isatty(STDIN_FILENO) == 0)
    return {errc::invalid_argument,
            "a passphrase is needed, and standard input is no terminal to ask"
            " for one; expected a file or a descriptor with it"};
  auto first = ask_passphrase(STDIN_FILENO, STDERR_FILENO, source.prompt);
  if (!first || use == passphrase_use::known)
    return first;
  auto second =
    ask_passphrase(STDIN_FILENO, STDERR_FILENO, source.prompt + " again");
  if (!second)
    return second;
  if (first->view() != second->view())
    return {errc::invalid_argument, "the two passphrases differ"};
  return first;
}

} // namespace

result<secret_text> read_passphrase_line(int descriptor,
                                         const std::string& name) {
  // Byte by byte: what follows the line is left for others.
  secret_text text{passphrase_bytes_max + 1};
  while (true) {
    char next = 0;
    auto count = ::read(descriptor, &next, 1);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return cannot(name, "read", errno);
    if (count == 0 || next == '\n')
      break;
    if (!text.append({&next, 1}))
      return too_long(name);
  }
  if (!text.empty() && text.view().back() == '\r')
    text.shorten_to(text.size() - 1);
  if (text.size() > passphrase_bytes_max)
    return too_long(name);
  return sound(std::move(text), name);
}

result<secret_text> ask_passphrase(int input, int output,
                                   const std::string& prompt) {
  silent_terminal terminal{input};
  if (!terminal.ready())
    return {errc::invalid_argument,
            "there is no terminal to ask for the " + prompt};
  write_text(output, prompt + ": ");
  auto text = typed_line(terminal);
  write_text(output, "\n");
  return text;
}

result<secret_text> read_passphrase(const passphrase_source& source,
                                    passphrase_use use) {
  if (!source.file.empty())
    return read_file(source.file);
  if (source.descriptor)
    return read_passphrase_line(
      *source.descriptor, "descriptor " + std::to_string(*source.descriptor));
  if (source.terminal)
    return ask(source, use);
  return {errc::not_found, "a passphrase is needed; expected a file or a"
                           " descriptor with it"};
}

} // namespace artel::runtime
