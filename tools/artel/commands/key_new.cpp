#include "tools/artel/commands/key_new.hpp"

#include "runtime/config/key_file.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/passphrase_options.hpp"

#include <array>
#include <span>

#include <sodium.h>

namespace artel::tools {

namespace {

key_pair fresh_key() {
  std::array<std::uint8_t, 32> seed;
  randombytes_buf(seed.data(), seed.size());
  auto key = key_pair::from_seed(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

exit_code run(const arguments& given) {
  auto path = key_path_of(given);
  if (!path)
    return refuse(path.error());
  auto source = passphrase_source_of(given, "");
  if (!source)
    return refuse(source.error());
  source->terminal = given.has("passphrase");
  source->prompt = "passphrase of the new key";
  runtime::secret_text passphrase;
  std::optional<runtime::key_protection> protection;
  std::error_code error;
  // Before anybody types a passphrase for nothing.
  if (!source->is_none() && !std::filesystem::exists(*path, error)) {
    auto read = read_passphrase(*source, runtime::passphrase_use::fresh);
    if (!read)
      return refuse_key(read.error());
    passphrase = std::move(*read);
    protection.emplace().passphrase = passphrase.view();
  }
  auto key = fresh_key();
  if (auto written = write_key_file(*path, key, protection); !written)
    return refuse(written.error());
  write_output(to_string(key.node()) + "\n");
  tell("the key is in '" + path->string() + "', readable by you alone; "
       + (protection ? "it is protected by its passphrase"
                     : "no passphrase protects it"));
  return exit_code::done;
}

} // namespace

command_info key_new_command() {
  command_info command;
  command.name = "key new";
  command.summary = "make a key pair, the identity of a node";
  command.usage = "[--out FILE] [--passphrase]";
  command.description =
    "Makes a new Ed25519 key pair, writes it to a file that only you may read,"
    " and prints the node's id, which is its public key. A file that exists is"
    " never replaced. Without a passphrase the secret stands in the file in the"
    " clear; with one it is in a box that takes about a second and 256 MiB of"
    " memory to open or to guess at (Argon2id).";
  command.options = {
    {.name = "out",
     .kind = value_kind::file,
     .value_name = "FILE",
     .help = "where to write the key",
     .default_text = "~/.config/artel/node.key"},
    {.name = "passphrase",
     .kind = value_kind::none,
     .help = "ask for a passphrase, twice, on the terminal"},
  };
  for (auto& one : passphrase_options("", "the passphrase"))
    command.options.push_back(std::move(one));
  command.examples = {"artel key new", "artel key new --out worker.key",
                      "artel key new --passphrase"};
  command.run = run;
  return command;
}

} // namespace artel::tools
