#include "tools/artel/commands/owner_new.hpp"

#include "runtime/config/key_file.hpp"
#include "tools/artel/commands/key_new.hpp"
#include "tools/artel/console.hpp"

namespace artel::tools {

namespace {

/// As `key new`, at another usual place.
exit_code run(const arguments& given) {
  auto with_path = given;
  if (!given.has("out")) {
    auto usual = runtime::default_key_path();
    if (!usual)
      return refuse(
        {usual.error().code, usual.error().message + ": --out FILE"});
    with_path.options["out"] = {(usual->parent_path() / "owner.key").string()};
  }
  return key_new_command().run(with_path);
}

} // namespace

command_info owner_new_command() {
  auto command = key_new_command();
  command.name = "owner new";
  command.summary = "make an owner's key, which speaks for several nodes";
  command.description =
    "Makes a key pair as 'artel key new' does: an owner's, whose account all"
    " nodes share that it certifies. It prints the owner's id, which is the"
    " public key. Nodes don't need the key itself, so keep it where they are"
    " not, and under a passphrase.";
  for (auto& option : command.options)
    if (option.name == "out")
      option.default_text = "~/.config/artel/owner.key";
  command.examples = {"artel owner new --passphrase",
                      "artel owner new --out owner.key"};
  command.run = run;
  return command;
}

} // namespace artel::tools
