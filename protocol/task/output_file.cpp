#include "protocol/task/output_file.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/identity/hash.hpp"
#include "protocol/task/message_text.hpp"
#include "protocol/task/relative_path.hpp"

namespace artel {

namespace {

failure not_sorted(const std::string& where, const output_file& file,
                   const output_file& before) {
  return {errc::malformed, where + ": " + quoted(file.name)
                             + " must come once, and after "
                             + quoted(before.name) + " in the order of bytes"};
}

bool has_file(const std::vector<output_file>& files, std::size_t below,
              std::string_view name) {
  for (std::size_t i = 0; i < below; ++i)
    if (files[i].name == name)
      return true;
  return false;
}

} // namespace

result<void> check_output_files(const std::vector<output_file>& files,
                                std::uint64_t bytes_max) {
  if (files.size() > limits::output_files_max)
    return {errc::limit_exceeded,
            std::to_string(files.size()) + " output files; at most "
              + std::to_string(limits::output_files_max) + " are allowed"};
  if (auto total = total_bytes(files); total > bytes_max)
    return {errc::limit_exceeded,
            "output files of " + std::to_string(total) + " bytes; at most "
              + std::to_string(bytes_max) + " are allowed"};
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto where = "output file " + std::to_string(i);
    std::string_view name = files[i].name;
    if (auto sound = check_relative_path(where, name); !sound)
      return {errc::malformed, sound.error().message};
    if (i > 0 && files[i].name <= files[i - 1].name)
      return not_sorted(where, files[i], files[i - 1]);
    // A file's own name sorts before all that would lie inside it.
    for (auto slash = name.find('/'); slash != name.npos;
         slash = name.find('/', slash + 1))
      if (has_file(files, i, name.substr(0, slash)))
        return {errc::malformed, where + ": " + quoted(name.substr(0, slash))
                                   + " is a file already, so it can't be a"
                                     " directory"};
  }
  return {};
}

std::uint64_t total_bytes(const std::vector<output_file>& files) noexcept {
  std::uint64_t total = 0;
  for (const auto& file : files)
    total += file.data.size();
  return total;
}

hash256 hash_of(const std::vector<output_file>& files) {
  if (files.empty())
    return {};
  hasher state{"artel.output_files.v1"};
  state.update(files.size());
  for (const auto& file : files)
    state.update(file.name.size())
      .update(as_bytes(file.name))
      .update(file.data.size())
      .update(file.data);
  return state.finish();
}

} // namespace artel
