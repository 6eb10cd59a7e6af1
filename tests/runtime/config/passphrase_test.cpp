#include "runtime/config/passphrase.hpp"

#include "tests/runtime/scratch_directory.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <future>
#include <string>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

/// A terminal, and the hands at its keyboard.
class fake_terminal {
public:
  fake_terminal() : keyboard_(::posix_openpt(O_RDWR | O_NOCTTY)) {
    REQUIRE(keyboard_ >= 0);
    REQUIRE(::grantpt(keyboard_) == 0);
    REQUIRE(::unlockpt(keyboard_) == 0);
    terminal_ = ::open(::ptsname(keyboard_), O_RDWR | O_NOCTTY);
    REQUIRE(terminal_ >= 0);
  }
  ~fake_terminal() {
    ::close(terminal_);
    ::close(keyboard_);
  }

  int descriptor() const { return terminal_; }

  void type(std::string_view keys) const {
    REQUIRE(::write(keyboard_, keys.data(), keys.size())
            == static_cast<ssize_t>(keys.size()));
  }

  /// What stands on the screen once this does.
  std::string screen_with(std::string_view text) {
    while (shown_.find(text) == shown_.npos) {
      pollfd wanted{keyboard_, POLLIN, 0};
      constexpr int patience_ms = 20'000;
      if (::poll(&wanted, 1, patience_ms) != 1)
        break;
      std::array<char, 256> piece{};
      auto count = ::read(keyboard_, piece.data(), piece.size());
      if (count <= 0)
        break;
      shown_.append(piece.data(), static_cast<std::size_t>(count));
    }
    return shown_;
  }

  bool echoes() const {
    termios mode{};
    REQUIRE(::tcgetattr(terminal_, &mode) == 0);
    return (mode.c_lflag & ECHO) != 0 && (mode.c_lflag & ICANON) != 0
           && (mode.c_lflag & ISIG) != 0;
  }

private:
  int keyboard_;
  int terminal_ = -1;
  std::string shown_;
};

/// What is typed in, once it is asked for.
result<std::string> typed(fake_terminal& terminal, std::string_view keys) {
  auto asked = std::async(std::launch::async, [&] {
    return ask_passphrase(terminal.descriptor(), terminal.descriptor(),
                          "passphrase");
  });
  REQUIRE(terminal.screen_with("passphrase: ").ends_with("passphrase: "));
  terminal.type(keys);
  auto text = asked.get();
  if (!text)
    return text.error();
  return std::string{text->view()};
}

/// A pipe with that in it, and nothing more to come.
int pipe_with(std::string_view text) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  REQUIRE(::write(ends[1], text.data(), text.size())
          == static_cast<ssize_t>(text.size()));
  ::close(ends[1]);
  return ends[0];
}

result<std::string> from_pipe(std::string_view text) {
  auto descriptor = pipe_with(text);
  auto read = read_passphrase({.file = {}, .descriptor = descriptor});
  ::close(descriptor);
  if (!read)
    return read.error();
  return std::string{read->view()};
}

} // namespace

TEST_CASE("a passphrase is the first line, without its end") {
  CHECK(*from_pipe("open sesame\nmore") == "open sesame");
  CHECK(*from_pipe("open sesame") == "open sesame");
  CHECK(*from_pipe("open sesame\r\n") == "open sesame");
  CHECK(*from_pipe(" \xc3\xa4 \n") == " \xc3\xa4 ");
  std::string longest(passphrase_bytes_max, 'x');
  CHECK(*from_pipe(longest + "\n") == longest);
}

TEST_CASE("what follows the first line is left for others") {
  auto descriptor = pipe_with("one\ntwo\n");
  passphrase_source source;
  source.descriptor = descriptor;
  CHECK(read_passphrase(source)->view() == "one");
  CHECK(read_passphrase(source)->view() == "two");
  CHECK_FALSE(read_passphrase(source));
  ::close(descriptor);
}

TEST_CASE("a passphrase that is empty, endless or no text is refused") {
  CHECK(from_pipe("").error().code == errc::malformed);
  CHECK(from_pipe("\nsecret").error().code == errc::malformed);
  CHECK(from_pipe(std::string(passphrase_bytes_max + 1, 'x')).error().code
        == errc::malformed);
  CHECK(from_pipe(std::string_view{"a\0b\n", 4}).error().code
        == errc::malformed);
  // Whatever never ends is not read to its end.
  passphrase_source endless;
  endless.descriptor = ::open("/dev/zero", O_RDONLY);
  CHECK(read_passphrase(endless).error().code == errc::malformed);
  ::close(*endless.descriptor);
  endless.descriptor = 60'000;
  CHECK(read_passphrase(endless).error().code == errc::invalid_argument);
  CHECK(read_passphrase({}).error().code == errc::not_found);
}

TEST_CASE("a passphrase file is for its owner alone") {
  test::scratch_directory scratch;
  passphrase_source source;
  source.file = scratch.write("secret", "open sesame\n");
  for (auto mode : {0640, 0604, 0620}) {
    ::chmod(source.file.c_str(), static_cast<mode_t>(mode));
    CHECK(read_passphrase(source).error().code == errc::refused);
  }
  ::chmod(source.file.c_str(), 0600);
  CHECK(read_passphrase(source)->view() == "open sesame");
  source.file = scratch.path() / "none";
  CHECK(read_passphrase(source).error().code == errc::not_found);
  source.file = scratch.path();
  CHECK(read_passphrase(source).error().code == errc::malformed);
}

TEST_CASE("a terminal shows nothing of what is typed, and recovers") {
  fake_terminal terminal;
  auto text = typed(terminal, "sesame\r");
  REQUIRE(text);
  CHECK(*text == "sesame");
  CHECK(terminal.screen_with("\n").find("sesame") == std::string::npos);
  CHECK(terminal.echoes());
}

TEST_CASE("what was mistyped can be taken back") {
  fake_terminal terminal;
  CHECK(*typed(terminal, "abx\x7f\b\x62\xc3\xa4\x7f"
                         "c\n")
        == "abc");
  fake_terminal other;
  CHECK(*typed(other, "wrong\x15right\n") == "right");
}

TEST_CASE("Ctrl-C and Ctrl-D give up, and the terminal recovers") {
  for (std::string_view keys : {"abc\x03", "\x04"}) {
    fake_terminal terminal;
    auto text = typed(terminal, keys);
    REQUIRE_FALSE(text);
    CHECK(text.error().code == errc::cancelled);
    CHECK(terminal.echoes());
  }
  fake_terminal terminal;
  CHECK(typed(terminal, std::string(passphrase_bytes_max + 1, 'x')).error().code
        == errc::malformed);
  CHECK(terminal.echoes());
}

TEST_CASE("a secret is wiped where it is shortened, and does not grow") {
  secret_text text{4};
  CHECK(text.append("abcd"));
  CHECK_FALSE(text.append("e"));
  const auto* bytes = text.view().data();
  text.shorten_to(1);
  CHECK(text.view() == "a");
  CHECK(bytes[1] == '\0');
  CHECK(bytes[3] == '\0');
  auto moved = std::move(text);
  CHECK(moved.view() == "a");
  CHECK(text.empty());
}
