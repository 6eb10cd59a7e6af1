#include "tools/artel/commands/owner_certify.hpp"

#include "protocol/core/limits.hpp"
#include "tools/artel/credential_issue.hpp"
#include "tools/artel/report_text.hpp"

namespace artel::tools {

namespace {

constexpr std::string_view usual_expiry = "365d";

result<owner_certificate> unsigned_certificate(const arguments& given) {
  owner_certificate item;
  auto node = node_named("NODE", given.positional.front());
  if (!node)
    return node.error();
  item.node = *node;
  auto scope = parse_certificate_scope(given.value("scope").value_or("all"));
  if (!scope)
    return {scope.error().code, "--scope: " + scope.error().message};
  item.scope = *scope;
  item.network = given.value("network").value_or("");
  if (item.network.size() > limits::name_bytes_max)
    return {errc::limit_exceeded, "--network: names have at most "
                                    + std::to_string(limits::name_bytes_max)
                                    + " bytes"};
  if (auto timed = set_times(item, given, usual_expiry); !timed)
    return timed.error();
  return item;
}

result<void> check_owner(const owner_certificate& item, const key_pair& key) {
  if (item.node == key.node())
    return {errc::invalid_argument,
            "the key is the node's own: a node is its own owner without any"
            " certificate"};
  return {};
}

std::string summary_of(const owner_certificate& item) {
  return "node " + short_name(item.node) + " is owner " + short_name(item.owner)
         + "'s until " + moment_text(item.expires);
}

exit_code run(const arguments& given) {
  return issue<owner_certificate>(given, {unsigned_certificate,
                                          "make one with artel owner new",
                                          check_owner, summary_of});
}

} // namespace

command_info owner_certify_command() {
  command_info command;
  command.name = "owner certify";
  command.summary = "sign a node's key: the node is this owner's";
  command.usage = "NODE --key FILE --out FILE [OPTION...]";
  command.description =
    "Writes a certificate by which a node shows whose it is. NODE is its id, as"
    " 'artel key show' prints it, or its key file. All nodes of an owner share"
    " its account, and no two of them ever run replicas of one job. The file is"
    " no secret; give it to the node.";
  command.options = {{.name = "scope",
                      .kind = value_kind::choice,
                      .value_name = "WHAT",
                      .help = "work (run others' jobs and earn), submit"
                              " (tasks, and pay) or all",
                      .default_text = "all",
                      .choices = {"all", "work", "submit"}},
                     {.name = "network",
                      .kind = value_kind::text,
                      .value_name = "NAME",
                      .help = "the only network it is for",
                      .default_text = "any"}};
  for (auto& one : issue_options("the owner's key", usual_expiry,
                                 "where to write the certificate"))
    command.options.push_back(std::move(one));
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {
    "artel owner certify node.key --key owner.key --out node.json",
    "artel owner certify 5f3a...c1 --key owner.key --scope work --expires 30d"
    " --out node.json"};
  command.run = run;
  return command;
}

} // namespace artel::tools
