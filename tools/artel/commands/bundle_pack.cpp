#include "tools/artel/commands/bundle_pack.hpp"

#include "protocol/core/limits.hpp"
#include "tools/artel/code_options.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/file_access.hpp"
#include "tools/artel/task_options.hpp"

namespace artel::tools {

namespace {

/// The program, arguments by option, arguments behind it.
std::vector<std::string> words_of(const arguments& given) {
  auto words = given.positional;
  if (given.program)
    words.insert(words.end(), given.program->begin(), given.program->end());
  auto more = given.values("arg");
  if (!words.empty())
    words.insert(words.begin() + 1, more.begin(), more.end());
  return words;
}

exit_code run(const arguments& given) {
  auto words = words_of(given);
  auto path = given.value("out");
  if (words.empty() || !path) {
    tell(words.empty() ? "there is nothing to pack; expected a program"
                       : "nowhere to write the bundle to; expected -O FILE");
    return exit_code::invalid_input;
  }
  auto kind = implied_kind(words.front(), given.has("rootfs"));
  auto bundle = pack_code(given, words, kind);
  if (!bundle) {
    refuse(bundle.error());
    return exit_code::invalid_input;
  }
  auto data = encode_bundle(*bundle);
  if (auto written = write_whole_file(*path, data, given.has("force"));
      !written)
    return refuse(written.error());
  write_output(to_string(hash_of(*bundle)) + "  " + std::to_string(data.size())
               + " bytes\n");
  return exit_code::done;
}

std::vector<option_info> pack_options() {
  using enum value_kind;
  return {
    {.name = "out",
     .letter = 'O',
     .kind = file,
     .value_name = "FILE",
     .help = "where to write the bundle"},
    {.name = "arg",
     .kind = text,
     .value_name = "ARGUMENT",
     .help = "an argument, before those behind PROGRAM; may be given again",
     .repeatable = true},
    {.name = "force", .help = "replace an existing file"},
  };
}

} // namespace

command_info bundle_pack_command() {
  command_info command;
  command.name = "bundle pack";
  command.summary = "pack a program with its files, arguments and input";
  command.usage = "[OPTION...] -O FILE [--] PROGRAM [ARGUMENT...]";
  command.description =
    "Writes a bundle as it travels to workers: a program with further files,"
    " argument templates ({first}, {last}, {file}, {index}), standard input and"
    " the root file system of a container. Prints its hash, which names it on"
    " every node, and its size. The same content gives the same bytes. Put '--'"
    " before PROGRAM where arguments begin with dashes. An existing file is"
    " only replaced with --force.";
  command.options = pack_options() + code_options();
  command.positional = value_kind::file;
  command.positional_max = limits::arguments_max + 1;
  command.takes_program = true;
  command.examples = {
    "artel bundle pack -O primes.bundle ./primes {first} {last}",
    "artel bundle pack -O job.bundle --file data.csv -- ./job -v data.csv",
    "artel bundle pack -O box.bundle --rootfs busybox.tar -- /bin/sh -c ls",
  };
  command.run = run;
  return command;
}

} // namespace artel::tools
