#include "tools/artel/passphrase_options.hpp"

#include "runtime/config/key_file.hpp"
#include "runtime/config/units_text.hpp"
#include "tools/artel/console.hpp"

namespace artel::tools {

std::vector<option_info> passphrase_options(const std::string& prefix,
                                            const std::string& which) {
  return {
    {.name = prefix + "passphrase-file",
     .kind = value_kind::file,
     .value_name = "FILE",
     .help = which + ": the first line of a file that only you may read"},
    {.name = prefix + "passphrase-fd",
     .kind = value_kind::text,
     .value_name = "N",
     .help = which + ": the first line of an open descriptor"},
  };
}

result<runtime::passphrase_source>
passphrase_source_of(const arguments& given, const std::string& prefix) {
  runtime::passphrase_source source;
  auto file = given.value(prefix + "passphrase-file");
  auto number = given.value(prefix + "passphrase-fd");
  if (file && number)
    return {errc::invalid_argument, "--" + prefix + "passphrase-file and --"
                                      + prefix
                                      + "passphrase-fd are both given; expected"
                                        " one"};
  if (file && file->empty())
    return {errc::invalid_argument,
            "--" + prefix + "passphrase-file is empty; expected a file"};
  if (file)
    source.file = *file;
  if (number) {
    constexpr std::uint64_t descriptor_max = 65'535;
    auto descriptor = runtime::parse_whole_number(*number);
    if (!descriptor || *descriptor > descriptor_max)
      return {errc::invalid_argument,
              "--" + prefix + "passphrase-fd: '" + *number
                + "' is no descriptor; expected a number, such as 3"};
    source.descriptor = static_cast<int>(*descriptor);
  }
  return source;
}

result<std::filesystem::path> key_path_of(const arguments& given) {
  if (!given.positional.empty())
    return std::filesystem::path{given.positional.front()};
  if (auto out = given.value("out"))
    return std::filesystem::path{*out};
  auto usual = runtime::default_key_path();
  if (!usual)
    return {usual.error().code, usual.error().message + ": name a file"};
  return usual;
}

exit_code refuse_key(const failure& problem) {
  auto code = refuse(problem);
  return problem.code == errc::refused ? exit_code::invalid_input : code;
}

} // namespace artel::tools
