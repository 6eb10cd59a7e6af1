#include "tools/artel/commands/key_new.hpp"

#include "runtime/config/key_file.hpp"
#include "tools/artel/console.hpp"

#include <array>
#include <span>

#include <sodium.h>

namespace artel::tools {

namespace {

exit_code run(const arguments& given) {
  std::filesystem::path path;
  if (auto out = given.value("out")) {
    path = *out;
  } else {
    auto usual = runtime::default_key_path();
    if (!usual)
      return refuse(
        {usual.error().code, usual.error().message + ": --out FILE"});
    path = *usual;
  }
  std::array<std::uint8_t, 32> seed;
  randombytes_buf(seed.data(), seed.size());
  auto key = key_pair::from_seed(seed);
  sodium_memzero(seed.data(), seed.size());
  if (auto written = runtime::write_key_file(path, key); !written)
    return refuse(written.error());
  write_output(to_string(key.node()) + "\n");
  tell("the key is in '" + path.string()
       + "', readable by you alone; it is not protected by a passphrase yet");
  return exit_code::done;
}

} // namespace

command_info key_new_command() {
  command_info command;
  command.name = "key new";
  command.summary = "make a key pair, the identity of a node";
  command.usage = "[--out FILE]";
  command.description =
    "Makes a new Ed25519 key pair, writes it to a file that only you may read,"
    " and prints the node's id, which is its public key. A file that exists is"
    " never replaced. The secret stands in the file in the clear: protecting it"
    " by a passphrase comes later.";
  command.options = {
    {"out",
     0,
     value_kind::file,
     "FILE",
     "where to write the key",
     "~/.config/artel/node.key",
     {},
     false},
  };
  command.examples = {"artel key new", "artel key new --out worker.key"};
  command.run = run;
  return command;
}

} // namespace artel::tools
