#include "tools/artel/commands/bundle_show.hpp"

#include "runtime/observe/json.hpp"
#include "tools/artel/bundle_file.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/task_options.hpp"
#include "tools/artel/text_table.hpp"

namespace artel::tools {

namespace {

/// As a shell would take it, where that is not plain.
std::string shown_argument(const std::string& argument) {
  constexpr std::string_view plain =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    "-_=+./:,@%{}";
  auto is_plain =
    !argument.empty() && argument.find_first_not_of(plain) == argument.npos;
  if (is_plain)
    return argument;
  std::string quoted = "'";
  for (auto c : argument)
    quoted += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
  return printable(quoted + "'");
}

std::string mode_of(const bundle_file& file) {
  return file.executable ? "executable" : "data";
}

std::string row(std::string name, const std::string& value) {
  constexpr std::size_t names_column = 11;
  name.resize(names_column, ' ');
  return name + value + "\n";
}

std::string show_text(const code_bundle& bundle) {
  std::string arguments;
  for (const auto& one : bundle.arguments)
    arguments += (arguments.empty() ? "" : " ") + shown_argument(one);
  auto text =
    row("hash", to_string(hash_of(bundle)))
    + row("size", std::to_string(encode_bundle(bundle).size()) + " bytes")
    + row("main", printable(bundle.main))
    + row("arguments", arguments.empty() ? "none" : arguments)
    + row("stdin", bundle.standard_input.empty()
                     ? "none"
                     : std::to_string(bundle.standard_input.size()) + " bytes")
    + row("rootfs", bundle.rootfs.empty() ? "none" : printable(bundle.rootfs))
    + row("files", std::to_string(bundle.files.size()));
  std::vector<std::vector<std::string>> rows;
  for (const auto& file : bundle.files)
    rows.push_back({printable(file.name),
                    std::to_string(file.data.size()) + " bytes", mode_of(file),
                    content_hash(file.data)});
  return text + table_text(rows, 2);
}

runtime::json show_json(const code_bundle& bundle) {
  runtime::json document;
  document["hash"] = runtime::json_of(hash_of(bundle));
  document["bytes"] = encode_bundle(bundle).size();
  document["main"] = runtime::json_of(bundle.main);
  document["arguments"] = runtime::json_of(bundle.arguments);
  document["stdin_bytes"] = bundle.standard_input.size();
  document["rootfs"] = runtime::json_of(bundle.rootfs);
  auto& files = document["files"] = runtime::json::array();
  for (const auto& file : bundle.files) {
    runtime::json entry;
    entry["name"] = runtime::json_of(file.name);
    entry["bytes"] = file.data.size();
    entry["mode"] = mode_of(file);
    entry["hash"] = content_hash(file.data);
    files.push_back(std::move(entry));
  }
  return document;
}

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto bundle = read_bundle_file(given.positional.front());
  if (!bundle) {
    refuse(bundle.error());
    return exit_code::invalid_input;
  }
  write_output(*format == output_format::json
                 ? runtime::document_of(show_json(*bundle))
                 : show_text(*bundle));
  return exit_code::done;
}

} // namespace

command_info bundle_show_command() {
  command_info command;
  command.name = "bundle show";
  command.summary = "tell what a bundle holds";
  command.usage = "FILE [OPTION...]";
  command.description =
    "Checks a bundle as a node does that receives one, and tells its hash, its"
    " main program with the arguments, and for each file its size, whether it"
    " is executable, and the hash of its content (as 'b2sum -l 256' gives it)."
    " Nothing is unpacked or run. A file that is no sound bundle is told with"
    " what is wrong in it, and exit code 2.";
  command.options = {{.name = "output",
                      .letter = 'o',
                      .kind = value_kind::choice,
                      .value_name = "FORMAT",
                      .help = "table or json",
                      .default_text = "table",
                      .choices = {"table", "json"}}};
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {"artel bundle show primes.bundle",
                      "artel bundle show primes.bundle -o json"};
  command.run = run;
  return command;
}

} // namespace artel::tools
