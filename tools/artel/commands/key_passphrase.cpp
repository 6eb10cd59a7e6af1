#include "tools/artel/commands/key_passphrase.hpp"

#include "runtime/config/key_file.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/passphrase_options.hpp"

#include <optional>

namespace artel::tools {

namespace {

using runtime::passphrase_source;

/// The new passphrase; empty where there is to be none.
result<runtime::secret_text> new_passphrase(const arguments& given,
                                            passphrase_source source) {
  if (given.has("remove"))
    return runtime::secret_text{};
  source.terminal = true;
  source.prompt = "new passphrase";
  return read_passphrase(source, runtime::passphrase_use::fresh);
}

exit_code change(const arguments& given, const std::filesystem::path& path,
                 const passphrase_source& old_source,
                 const passphrase_source& new_source) {
  auto key = runtime::read_key_file(
    path, [&old_source] { return runtime::read_passphrase(old_source); });
  if (!key)
    return refuse_key(key.error());
  auto fresh = new_passphrase(given, new_source);
  if (!fresh)
    return refuse_key(fresh.error());
  std::optional<runtime::key_protection> protection;
  if (!fresh->empty())
    protection.emplace().passphrase = fresh->view();
  if (auto written = protect_key_file(path, *key, protection); !written)
    return refuse_key(written.error());
  tell(protection ? "the key in '" + path.string()
                      + "' is now protected by the new passphrase"
                  : "no passphrase protects the key in '" + path.string()
                      + "' any more");
  return exit_code::done;
}

exit_code run(const arguments& given) {
  auto path = key_path_of(given);
  if (!path)
    return refuse(path.error());
  auto old_source = passphrase_source_of(given, "");
  if (!old_source)
    return refuse(old_source.error());
  auto new_source = passphrase_source_of(given, "new-");
  if (!new_source)
    return refuse(new_source.error());
  if (given.has("remove") && !new_source->is_none())
    return refuse({errc::invalid_argument,
                   "--remove is given beside a new passphrase; expected one of"
                   " the two"});
  old_source->terminal = true;
  old_source->prompt = "passphrase of '" + path->string() + "'";
  return change(given, *path, *old_source, *new_source);
}

} // namespace

command_info key_passphrase_command() {
  command_info command;
  command.name = "key passphrase";
  command.summary = "set, change or remove the passphrase of a key";
  command.usage = "[FILE] [--remove]";
  command.description =
    "Writes a key file again, ~/.config/artel/node.key where none is named, "
    "with"
    " another passphrase or none. Passphrases are asked for on the terminal"
    " where no option says where they are. The file is replaced at once or not"
    " at all; the key, and so the node's id, stays the same. Copies of the"
    " earlier file still open with the earlier passphrase.";
  command.options = passphrase_options("", "the present passphrase");
  for (auto& one : passphrase_options("new-", "the new passphrase"))
    command.options.push_back(std::move(one));
  command.options.push_back(
    {.name = "remove",
     .kind = value_kind::none,
     .help = "store the secret in the clear from now on"});
  command.positional = value_kind::file;
  command.positional_max = 1;
  command.examples = {"artel key passphrase", "artel key passphrase worker.key"
                                              " --remove"};
  command.run = run;
  return command;
}

} // namespace artel::tools
