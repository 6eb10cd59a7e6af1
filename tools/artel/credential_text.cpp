#include "tools/artel/credential_text.hpp"

#include "runtime/observe/json.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"
#include "tools/artel/report_text.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace artel::tools {

namespace {

using row_list = std::vector<std::pair<std::string, std::string>>;

std::string network_text(const std::string& network) {
  return network.empty() ? "any" : printable(network);
}

void add_times(row_list& rows, wall_time issued, wall_time expires) {
  rows.emplace_back("issued", moment_text(issued));
  rows.emplace_back("expires", moment_text(expires));
}

template <class Id>
void add_ids(row_list& rows, const std::string& label,
             const std::vector<Id>& ids) {
  for (const auto& id : ids)
    rows.emplace_back(label, to_string(id));
}

} // namespace

std::string text_of(const owner_certificate& item) {
  row_list rows{{"kind", "owner certificate"},
                {"owner", to_string(item.owner)},
                {"node", to_string(item.node)},
                {"network", network_text(item.network)},
                {"scope", std::string{to_string(item.scope)}}};
  add_times(rows, item.issued, item.expires);
  return rows_text(rows);
}

std::string text_of(const seed_certificate& item) {
  row_list rows{
    {"kind", "seed certificate"},
    {"network", network_text(item.network)},
    {"root", to_string(item.root)},
    {"seed", to_string(item.seed)},
    {"configs", "up to version " + std::to_string(item.config_version_max)}};
  add_times(rows, item.issued, item.expires);
  return rows_text(rows);
}

std::string text_of(const join_token& item) {
  row_list rows{{"kind", "join token"},
                {"network", network_text(item.network)},
                {"owner", to_string(item.owner)},
                {"seed", to_string(item.issuer.seed)},
                {"root", to_string(item.issuer.root)}};
  add_times(rows, item.issued, std::min(item.expires, item.issuer.expires));
  return rows_text(rows);
}

std::string text_of(const network_config& item) {
  row_list rows{
    {"kind", "network config"},
    {"network", network_text(item.network)},
    {"version", std::to_string(item.version)},
    {"root", to_string(item.root)},
    {"signed by",
     item.issuer.is_none() ? "root" : "seed " + to_string(item.issuer.seed)},
    {"issued", moment_text(item.issued)},
    {"admission", std::string{to_string(item.admission)}},
    {"price floor", to_string(item.price_floor) + " credits a job"},
    {"messages", "at most " + std::to_string(item.messages_per_second_max)
                   + " a second from a node"}};
  for (const auto& seed : item.seeds)
    rows.emplace_back(
      "seed",
      to_string(seed.node)
        + (seed.address.empty() ? "" : " at " + printable(seed.address)));
  add_ids(rows, "witness", item.witnesses);
  add_ids(rows, "revoked node", item.revoked_nodes);
  add_ids(rows, "revoked owner", item.revoked_owners);
  return rows_text(rows);
}

template <class T>
exit_code show_checked(const arguments& given, const T& item,
                       const result<void>& checked) {
  if (given.value("output").value_or("table") == "json") {
    auto document = runtime::json::object();
    document["kind"] = T::type_name;
    document.update(runtime::json_of(item));
    document["problem"] =
      checked ? runtime::json{}
              : runtime::json{{"code", to_string(checked.error().code)},
                              {"message", checked.error().message}};
    write_output(runtime::document_of(document));
  } else {
    write_output(text_of(item) + (checked ? "valid\n" : ""));
  }
  if (!checked) {
    tell("not valid: " + printable(checked.error().message));
    return exit_code::verification_failed;
  }
  return finish_output(exit_code::done);
}

template exit_code show_checked(const arguments&, const owner_certificate&,
                                const result<void>&);
template exit_code show_checked(const arguments&, const seed_certificate&,
                                const result<void>&);
template exit_code show_checked(const arguments&, const join_token&,
                                const result<void>&);
template exit_code show_checked(const arguments&, const network_config&,
                                const result<void>&);

} // namespace artel::tools
