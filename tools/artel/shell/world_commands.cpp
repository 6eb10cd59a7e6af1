#include "tools/artel/shell/link_options.hpp"
#include "tools/artel/shell/option_reader.hpp"
#include "tools/artel/shell/option_values.hpp"
#include "tools/artel/shell/session.hpp"
#include "tools/artel/shell/session_commands.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/sim/world.hpp"
#include "sandbox/local_executor.hpp"

#include <limits>

namespace artel::tools {

namespace {

result<signature_kind> parse_crypto(const std::string& text) {
  if (text == "real")
    return signature_kind::ed25519;
  if (text == "modelled")
    return signature_kind::modelled;
  return {errc::invalid_argument,
          artel::quoted(text)
            + " is no kind of signatures; expected real or"
              " modelled"};
}

exit_code run_world(session& in, const arguments& given) {
  sim::world_options options;
  option_reader read{in, given};
  auto number = [](const std::string& text) {
    return parse_count(text, 0, std::numeric_limits<std::uint64_t>::max());
  };
  auto positive = [](const std::string& text) {
    return parse_count(text, 1, std::numeric_limits<std::uint32_t>::max());
  };
  auto steps = [](const std::string& text) {
    return parse_count(text, 1, std::numeric_limits<std::uint64_t>::max());
  };
  read.read("seed", number, options.seed);
  read_link_options(read, options.links);
  read.read("crypto", parse_crypto, options.crypto);
  std::uint64_t links = options.links_per_node;
  read.read("links", positive, links);
  options.links_per_node = static_cast<std::uint32_t>(links);
  read.read("steps", steps, options.step_limit);
  if (auto refused = read.refused())
    return *refused;
  if (in.is_checking())
    return exit_code::done;
  if (given.has("sandbox"))
    options.sandbox =
      std::make_shared<sandbox::local_executor>(sandbox::local_config{});
  in.make_world(std::move(options));
  return exit_code::done;
}

} // namespace

std::vector<command_info> world_commands() {
  using enum value_kind;
  command_info world;
  world.name = "world";
  world.summary = "begin a new world, at time 0 and without nodes";
  world.usage = "[OPTION...]";
  world.description =
    "Ends the simulated world there is, and begins a new one. The same seed and"
    " the same commands give the same world, step by step. Without this command"
    " the first one that needs a world begins one with defaults.";
  world.options = {
    {.name = "seed",
     .kind = text,
     .value_name = "N",
     .help = "what everything is drawn from that happens by chance",
     .default_text = "1"},
  };
  for (auto& one : link_options())
    world.options.push_back(std::move(one));
  for (auto& one : std::vector<option_info>{
         {.name = "crypto",
       .kind = choice,
       .value_name = "KIND",
       .help = "signatures: real, or modelled, which fail in the same ways"
               " and cost next to nothing",
       .default_text = "real",
       .choices = {"real", "modelled"}},
         {.name = "links",
         .kind = text,
         .value_name = "N",
         .help = "to how many earlier nodes a new one links itself, at most",
         .default_text = "32"},
         {.name = "steps",
         .kind = text,
         .value_name = "N",
         .help = "how many steps the world makes at most",
         .default_text = "500000000"},
         {.name = "sandbox",
         .help = "run programs in this machine's sandbox; without it, tasks"
                 " need a built-in kernel"},
       })
    world.options.push_back(std::move(one));
  world.examples = {"world --seed 7 --latency 20ms --loss 1%",
                    "world --crypto modelled --links 8"};
  world.run_in_session = run_world;
  return {world};
}

} // namespace artel::tools
