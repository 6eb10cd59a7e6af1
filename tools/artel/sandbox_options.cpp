#include "tools/artel/sandbox_options.hpp"

#include "protocol/task/message_text.hpp"
#include "sandbox/bundle/cache_directory.hpp"

#include <utility>

namespace artel::tools {

namespace {

template <class T, class Parse>
result<void> read_choice(const arguments& given, const char* flag, Parse parse,
                         T& target) {
  auto text = given.value(flag);
  if (!text)
    return {};
  auto value = parse(*text);
  if (!value)
    return {value.error().code,
            "--" + std::string{flag} + ": " + value.error().message};
  target = *value;
  return {};
}

} // namespace

std::vector<option_info> sandbox_terms_options() {
  return {
    {.name = "type",
     .kind = value_kind::choice,
     .value_name = "KIND",
     .help = "what runs it: process, wasm or container",
     .default_text = "container with --rootfs, wasm for *.wasm, else process",
     .choices = {"process", "wasm", "container"}},
    {.name = "tier",
     .kind = value_kind::choice,
     .value_name = "TIER",
     .help = "how WebAssembly runs: interpreted (counts instructions), compiled"
             " (fast), or auto",
     .default_text = "auto",
     .choices = {"auto", "interpreted", "compiled"}},
    {.name = "nan",
     .kind = value_kind::choice,
     .value_name = "POLICY",
     .help = "the bits of NaNs in WebAssembly: canonical or as_is",
     .default_text = "canonical",
     .choices = {"canonical", "as_is"}},
  };
}

std::vector<option_info> isolation_options() {
  return {
    {.name = "isolation",
     .kind = value_kind::choice,
     .value_name = "LEVEL",
     .help = "full, or reduced where this machine has no user namespaces: a"
             " program can then read what everybody can read here",
     .default_text = "full",
     .choices = {"full", "reduced"}},
  };
}

result<sandbox_terms> sandbox_terms_of(const arguments& given,
                                       sandbox_kind implied) {
  sandbox_terms terms;
  terms.kind = implied;
  for (const auto& taken :
       {read_choice(given, "type", parse_sandbox_kind, terms.kind),
        read_choice(given, "tier", parse_wasm_tier, terms.tier),
        read_choice(given, "nan", parse_nan_policy, terms.nan)})
    if (!taken)
      return taken.error();
  for (const auto* flag : {"tier", "nan"})
    if (given.has(flag) && terms.kind != sandbox_kind::wasm)
      return {errc::invalid_argument,
              "--" + std::string{flag}
                + " is for WebAssembly alone; this code runs as "
                + std::string{to_string(terms.kind)} + " (--type wasm?)"};
  return terms;
}

result<sandbox::local_config> local_config_of(const arguments& given) {
  sandbox::local_config config;
  auto cache = sandbox::default_cache_directory();
  // Where nobody says where caches are, there is none.
  if (cache)
    config.cache_directory = std::move(*cache);
  else if (cache.error().code != errc::not_found)
    return cache.error();
  auto level = given.value("isolation").value_or("full");
  if (level == "reduced")
    config.policy.isolation = sandbox::isolation_level::reduced;
  else if (level != "full")
    return {errc::invalid_argument,
            "--isolation: " + artel::quoted(level)
              + " is no level; expected full or reduced"};
  return config;
}

} // namespace artel::tools
