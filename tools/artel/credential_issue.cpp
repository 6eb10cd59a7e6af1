#include "tools/artel/credential_issue.hpp"

#include <utility>

namespace artel::tools {

std::vector<option_info> issue_options(const std::string& key_help,
                                       std::string_view usual_expiry,
                                       const std::string& out_help) {
  auto options = signing_key_options("key", key_help);
  options.push_back(expires_option(std::string{usual_expiry}));
  options.push_back({.name = "out",
                     .kind = value_kind::file,
                     .value_name = "FILE",
                     .help = out_help});
  options.push_back(force_option());
  return options;
}

} // namespace artel::tools
