// From the words of a command line to a command and what it was given.
#pragma once

#include "protocol/core/result.hpp"
#include "tools/artel/command_table.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace artel::tools {

struct parsed_command {
  const command_info* command = nullptr;
  arguments given;
};

/// Without the program's own name. Runs nothing. invalid_argument says what was
/// not understood and what was probably meant.
///
/// No words, -h and --help lead to the help command, --version to version.
/// `wrong_word`, if given, gets the number of the word that an error is about.
result<parsed_command>
parse_command_line(const std::vector<std::string>& words,
                   command_scope where = command_scope::terminal,
                   std::size_t* wrong_word = nullptr);

/// The first words of all commands that work there, sorted, short forms
/// included.
std::vector<std::string_view> first_words(command_scope where);

/// What follows the noun in the names of the commands that work there.
std::vector<std::string_view> verbs_of(std::string_view noun,
                                       command_scope where);

/// Whether it begins names of two words.
bool is_noun(std::string_view word, command_scope where);

/// Parses and runs; gives the process's exit code.
exit_code run_command_line(const std::vector<std::string>& words);

} // namespace artel::tools
