// Where a passphrase comes from: a terminal, a file, or a descriptor. Its bytes
// are wiped when the caller is done with them.
#pragma once

#include "protocol/core/result.hpp"
#include "runtime/config/secret_text.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace artel::runtime {

/// The first of these that is there.
struct passphrase_source {
  std::filesystem::path file;
  std::optional<int> descriptor;
  /// Ask, where standard input is a terminal.
  bool terminal = false;
  /// "passphrase of node.key"
  std::string prompt = "passphrase";

  bool is_none() const {
    return file.empty() && !descriptor.has_value() && !terminal;
  }
};

/// Whether a passphrase is about to be made up, and so asked for twice.
enum class passphrase_use : std::uint8_t { known = 1, fresh };

inline constexpr std::size_t passphrase_bytes_max = 1'024;

/// The first line, without its end. refused for a file that others than its
/// owner may use, malformed for one that is empty or longer than allowed,
/// not_found for no source, invalid_argument where there is no terminal or the
/// two differ, cancelled by Ctrl-C.
result<secret_text> read_passphrase(const passphrase_source& source,
                                    passphrase_use use = passphrase_use::known);

/// From an open descriptor, to the end of its first line or of all.
result<secret_text> read_passphrase_line(int descriptor,
                                         const std::string& name);

/// Asks on a terminal, without echo. The terminal is as it was afterwards, also
/// when a signal ends the program.
result<secret_text> ask_passphrase(int input, int output,
                                   const std::string& prompt);

} // namespace artel::runtime
