#include "tools/artel/credential_options.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/config/key_file.hpp"
#include "runtime/config/passphrase.hpp"
#include "runtime/config/units_text.hpp"
#include "tools/artel/passphrase_options.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace artel::tools {

wall_time wall_now() {
  return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

result<std::string> required(const arguments& given,
                             const std::string& option) {
  auto value = given.value(option);
  if (!value || value->empty())
    return {errc::invalid_argument, "--" + option + " is missing"};
  return *value;
}

result<key_pair> signing_key_of(const arguments& given,
                                const std::string& option,
                                std::string_view how_to_make) {
  auto path = required(given, option);
  if (!path)
    return path.error();
  auto source = passphrase_source_of(given, "");
  if (!source)
    return source.error();
  source->terminal = true;
  source->prompt = "passphrase of " + *path;
  auto key = runtime::read_key_file(
    *path, [&source] { return runtime::read_passphrase(*source); });
  if (!key && key.error().code == errc::not_found && !how_to_make.empty())
    return {errc::not_found,
            key.error().message + "; " + std::string{how_to_make}};
  return key;
}

std::vector<option_info> signing_key_options(const std::string& option,
                                             const std::string& help) {
  std::vector<option_info> options{{.name = option,
                                    .kind = value_kind::file,
                                    .value_name = "FILE",
                                    .help = help}};
  for (auto& one : passphrase_options("", "the key's passphrase"))
    options.push_back(std::move(one));
  return options;
}

result<wall_time> expiry_of(const arguments& given, std::string_view usual,
                            wall_time now) {
  auto text = given.value("expires").value_or(std::string{usual});
  auto duration = runtime::parse_duration(text);
  if (!duration)
    return {duration.error().code, "--expires: " + duration.error().message};
  if (*duration <= milliseconds{0})
    return {errc::out_of_range, "--expires: " + artel::quoted(text)
                                  + " is no time; expected one such as 365d"};
  return now + *duration;
}

option_info expires_option(std::string usual) {
  return {.name = "expires",
          .kind = value_kind::text,
          .value_name = "TIME",
          .help = "how long it holds, from now",
          .default_text = std::move(usual)};
}

option_info force_option() {
  return {.name = "force",
          .kind = value_kind::none,
          .help = "replace a file that exists"};
}

option_info format_option() {
  return {.name = "output",
          .letter = 'o',
          .kind = value_kind::choice,
          .value_name = "FORMAT",
          .help = "table or json",
          .default_text = "table",
          .choices = {"table", "json"}};
}

result<owner_id> owner_named(const std::string& what, std::string_view text) {
  auto id = parse_id<owner_id>(text);
  if (!id || id->is_zero())
    return {errc::malformed, what + ": " + artel::quoted(text)
                               + " is no key; expected 64 hexadecimal digits, "
                                 "as artel key show prints them"};
  return *id;
}

result<node_id> node_named(const std::string& what, const std::string& text) {
  if (auto id = parse_id<node_id>(text); id && !id->is_zero())
    return *id;
  if (auto file = runtime::inspect_key_file(text))
    return file->node;
  return {errc::malformed,
          what + ": " + artel::quoted(text)
            + " is neither 64 hexadecimal digits, as artel key show prints "
              "them, nor a key file"};
}

result<named_keys> keys_named(const arguments& given, std::string_view verb) {
  named_keys keys;
  for (const auto& text : given.values("node")) {
    auto node = node_named("--node", text);
    if (!node)
      return node.error();
    keys.nodes.push_back(*node);
  }
  for (const auto& text : given.values("owner")) {
    auto owner = owner_named("--owner", text);
    if (!owner)
      return owner.error();
    keys.owners.push_back(*owner);
  }
  if (keys.nodes.empty() && keys.owners.empty())
    return {errc::invalid_argument,
            "nothing to " + std::string{verb} + "; expected --node or --owner"};
  return keys;
}

std::vector<option_info> named_keys_options() {
  return {{.name = "node",
           .kind = value_kind::text,
           .value_name = "NODE",
           .help = "a node: its id, or its key file",
           .repeatable = true},
          {.name = "owner",
           .kind = value_kind::text,
           .value_name = "ID",
           .help = "an owner, with all its nodes",
           .repeatable = true}};
}

std::string
rows_text(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t width = 0;
  for (const auto& [label, value] : rows)
    width = std::max(width, label.size());
  std::string text;
  for (const auto& [label, value] : rows)
    text += label + std::string(width - label.size() + 2, ' ') + value + "\n";
  return text;
}

} // namespace artel::tools
