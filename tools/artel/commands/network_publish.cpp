#include "tools/artel/commands/network_publish.hpp"

#include "runtime/config/credential_file.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"
#include "tools/artel/credential_options.hpp"

namespace artel::tools {

namespace {

/// What the file says is not for this network, as a check offline would tell.
exit_code refuse_config(const failure& problem) {
  auto code = refuse(problem);
  return problem.code == errc::bad_signature
             || problem.code == errc::network_mismatch
           ? exit_code::verification_failed
           : code;
}

std::string version_text(std::uint64_t version) {
  return version == 0 ? "none" : std::to_string(version);
}

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto config =
    runtime::read_credential<network_config>(given.positional.front());
  if (!config)
    return refuse(config.error());
  if (auto sound =
        check_config(*config, config->network, config->root, wall_now());
      !sound) {
    tell(sound.error().message);
    return exit_code::verification_failed;
  }
  auto answer = ask_node(given, {{"request", "network.update"},
                                 {"config", runtime::json_of(*config)}});
  if (!answer)
    return refuse_config(answer.error());
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  auto taken = runtime::read_field(*answer, "version_before", before);
  if (taken)
    taken = runtime::read_field(*answer, "version", after);
  if (!taken)
    return refuse(taken.error());
  write_output(*format == output_format::json
                 ? runtime::document_of(*answer)
                 : "version  " + version_text(before) + " -> "
                     + version_text(after) + "\n");
  tell(before == after ? "the node has this config already"
                       : "the node passes the config on along its links");
  return finish_output(exit_code::done);
}

} // namespace

command_info network_publish_command() {
  command_info command;
  command.name = "network publish";
  command.summary = "give a network's config to a running node";
  command.usage = "FILE [OPTION...]";
  command.description =
    "Hands a config to a node of this machine, which checks it, keeps it and"
    " passes it on to all nodes, and prints the node's version before and"
    " after. Any node of the network will do, whether or not it is a seed; a"
    " seed also reads its own file again on SIGHUP. Ends with exit code 2 where"
    " the node has a newer one or is in a network without a root key, 4 where"
    " the config is of another network or root or its signature does not hold,"
    " 1 where no node answers.";
  command.options = control_and_format_options();
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {"artel network publish network.json",
                      "artel network publish network.json --config seed.toml"};
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
