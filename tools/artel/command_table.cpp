#include "tools/artel/command_table.hpp"

#include "tools/artel/commands/bundle_hash.hpp"
#include "tools/artel/commands/bundle_pack.hpp"
#include "tools/artel/commands/bundle_show.hpp"
#include "tools/artel/commands/completion_bash.hpp"
#include "tools/artel/commands/config_check.hpp"
#include "tools/artel/commands/config_example.hpp"
#include "tools/artel/commands/config_show.hpp"
#include "tools/artel/commands/help.hpp"
#include "tools/artel/commands/job_describe.hpp"
#include "tools/artel/commands/job_explain.hpp"
#include "tools/artel/commands/job_list.hpp"
#include "tools/artel/commands/job_logs.hpp"
#include "tools/artel/commands/job_plan.hpp"
#include "tools/artel/commands/job_results.hpp"
#include "tools/artel/commands/job_retry.hpp"
#include "tools/artel/commands/job_run.hpp"
#include "tools/artel/commands/job_stop.hpp"
#include "tools/artel/commands/job_submit.hpp"
#include "tools/artel/commands/job_wait.hpp"
#include "tools/artel/commands/key_new.hpp"
#include "tools/artel/commands/key_passphrase.hpp"
#include "tools/artel/commands/key_show.hpp"
#include "tools/artel/commands/network_add_seed.hpp"
#include "tools/artel/commands/network_admit.hpp"
#include "tools/artel/commands/network_init.hpp"
#include "tools/artel/commands/network_publish.hpp"
#include "tools/artel/commands/network_revoke.hpp"
#include "tools/artel/commands/network_set.hpp"
#include "tools/artel/commands/network_show.hpp"
#include "tools/artel/commands/network_unrevoke.hpp"
#include "tools/artel/commands/node_describe.hpp"
#include "tools/artel/commands/node_drain.hpp"
#include "tools/artel/commands/node_list.hpp"
#include "tools/artel/commands/node_ping.hpp"
#include "tools/artel/commands/node_start.hpp"
#include "tools/artel/commands/owner_certify.hpp"
#include "tools/artel/commands/owner_new.hpp"
#include "tools/artel/commands/owner_show.hpp"
#include "tools/artel/commands/receipt_verify.hpp"
#include "tools/artel/commands/sandbox_check.hpp"
#include "tools/artel/commands/sandbox_run.hpp"
#include "tools/artel/commands/shell.hpp"
#include "tools/artel/commands/sim_measure.hpp"
#include "tools/artel/commands/sim_replay.hpp"
#include "tools/artel/commands/sim_run.hpp"
#include "tools/artel/commands/sim_shrink.hpp"
#include "tools/artel/commands/sim_swarm.hpp"
#include "tools/artel/commands/version.hpp"
#include "tools/artel/commands/wire_schema.hpp"
#include "tools/artel/commands/wire_vectors.hpp"
#include "tools/artel/shell/session_commands.hpp"

namespace artel::tools {

std::optional<std::string> arguments::value(const std::string& name) const {
  auto found = options.find(name);
  if (found == options.end() || found->second.empty())
    return std::nullopt;
  return found->second.back();
}

std::vector<std::string> arguments::values(const std::string& name) const {
  auto found = options.find(name);
  return found == options.end() ? std::vector<std::string>{} : found->second;
}

const std::vector<command_info>& command_table() {
  static const auto table = [] {
    std::vector<command_info> all{
      job_run_command(),
      job_plan_command(),
      job_retry_command(),
      job_submit_command(),
      job_list_command(),
      job_describe_command(),
      job_explain_command(),
      job_wait_command(),
      job_logs_command(),
      job_results_command(),
      job_stop_command(),
      node_start_command(),
      node_list_command(),
      node_describe_command(),
      node_ping_command(),
      node_drain_command(),
      receipt_verify_command(),
      sandbox_run_command(),
      sandbox_check_command(),
      sim_run_command(),
      sim_swarm_command(),
      sim_replay_command(),
      sim_shrink_command(),
      sim_measure_command(),
      shell_command(),
      bundle_pack_command(),
      bundle_show_command(),
      bundle_hash_command(),
      key_new_command(),
      key_passphrase_command(),
      key_show_command(),
      owner_new_command(),
      owner_certify_command(),
      owner_show_command(),
      network_init_command(),
      network_add_seed_command(),
      network_set_command(),
      network_revoke_command(),
      network_unrevoke_command(),
      network_admit_command(),
      network_publish_command(),
      network_show_command(),
      config_check_command(),
      config_show_command(),
      config_example_command(),
      wire_schema_command(),
      wire_vectors_command(),
      completion_bash_command(),
      version_command(),
      help_command(),
    };
    for (auto& one : session_commands())
      all.push_back(std::move(one));
    return all;
  }();
  return table;
}

const std::vector<command_alias>& command_aliases() {
  static const std::vector<command_alias> aliases{
    {"run", "job run", command_scope::terminal},
    {"exit", "quit", command_scope::session},
  };
  return aliases;
}

const command_info* find_command(std::string_view name, command_scope where) {
  for (const auto& alias : command_aliases())
    if (alias.short_form == name && alias.scope == where)
      name = alias.name;
  for (const auto& command : command_table())
    if (command.name == name && command.works_in(where))
      return &command;
  return nullptr;
}

} // namespace artel::tools
