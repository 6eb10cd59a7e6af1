#include "protocol/task/code_bundle.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/blob.hpp"
#include "protocol/task/message_text.hpp"
#include "protocol/task/relative_path.hpp"
#include "protocol/wire/codec.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace artel {

namespace {

constexpr std::array<std::string_view, 4> placeholders{"first", "last", "file",
                                                       "index"};

/// Where a worker's own system keeps programs and what they need.
constexpr std::array<std::string_view, 5> system_directories{
  "/usr/", "/bin/", "/sbin/", "/lib/", "/lib64/"};

failure invalid(const std::string& where, const std::string& problem) {
  return {errc::invalid_argument, where + ": " + problem};
}

failure too_much(const std::string& where, std::size_t found, std::size_t max,
                 const std::string& unit) {
  return {errc::limit_exceeded, where + ": " + std::to_string(found) + " "
                                  + unit + "; at most " + std::to_string(max)
                                  + " are allowed"};
}

const bundle_file* find_file(const code_bundle& bundle, std::string_view name) {
  auto found = std::lower_bound(bundle.files.begin(), bundle.files.end(), name,
                                [](const auto& file, std::string_view wanted) {
                                  return file.name < wanted;
                                });
  return found != bundle.files.end() && found->name == name ? &*found : nullptr;
}

result<void> check_files(const code_bundle& bundle) {
  const auto& files = bundle.files;
  if (files.size() > limits::bundle_files_max)
    return too_much("files", files.size(), limits::bundle_files_max, "files");
  for (std::size_t i = 0; i < files.size(); ++i) {
    auto where = "files[" + std::to_string(i) + "].name";
    if (auto sound = check_relative_path(where, files[i].name); !sound)
      return sound;
    if (i > 0 && files[i].name <= files[i - 1].name)
      return invalid(where,
                     quoted(files[i].name) + " must come once, and after "
                       + quoted(files[i - 1].name) + " in the order of bytes");
  }
  // Only now that they are known to be sorted can they be searched.
  for (std::size_t i = 0; i < files.size(); ++i) {
    std::string_view name = files[i].name;
    for (auto slash = name.find('/'); slash != name.npos;
         slash = name.find('/', slash + 1))
      if (find_file(bundle, name.substr(0, slash)))
        return invalid("files[" + std::to_string(i) + "].name",
                       quoted(name.substr(0, slash))
                         + " is a file already, so it can't be a directory");
  }
  return {};
}

result<void> check_rootfs(const code_bundle& bundle) {
  if (bundle.rootfs.empty() || find_file(bundle, bundle.rootfs))
    return {};
  return {errc::not_found,
          "rootfs: no file of the bundle is named " + quoted(bundle.rootfs)};
}

result<void> check_main(const code_bundle& bundle) {
  const auto& main = bundle.main;
  if (main.empty())
    return invalid("main", "is empty; expected a file of the bundle or a path "
                           "such as /usr/bin/awk");
  if (main.front() != '/') {
    if (!find_file(bundle, main))
      return {errc::not_found,
              "main: no file of the bundle is named " + quoted(main)};
    return {};
  }
  if (main.size() > limits::name_bytes_max)
    return too_much("main", main.size(), limits::name_bytes_max, "bytes");
  if (auto sound =
        check_relative_path("main", std::string_view{main}.substr(1));
      !sound)
    return sound;
  // A container with files of its own keeps programs where it likes.
  if (!bundle.rootfs.empty())
    return {};
  auto is_system_path = std::any_of(
    system_directories.begin(), system_directories.end(),
    [&](std::string_view directory) { return main.starts_with(directory); });
  if (!is_system_path)
    return invalid("main", quoted(main)
                             + " lies outside /usr, /bin, /sbin, /lib and "
                               "/lib64, which is all that workers share");
  return {};
}

/// Calls visit(name) for each placeholder. An error where a brace is neither
/// doubled nor part of a known placeholder.
template <class Visitor>
result<void> scan_template(const std::string& where, std::string_view text,
                           Visitor&& visit) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{' && text[i] != '}')
      continue;
    if (i + 1 < text.size() && text[i + 1] == text[i]) {
      ++i;
      continue;
    }
    auto end = text[i] == '{' ? text.find('}', i) : text.npos;
    auto name =
      end == text.npos ? std::string_view{} : text.substr(i + 1, end - i - 1);
    if (std::find(placeholders.begin(), placeholders.end(), name)
        == placeholders.end())
      return invalid(where, "the brace at position " + std::to_string(i)
                              + " begins none of {first}, {last}, {file} and "
                                "{index}; write '{{' or '}}' for a brace");
    visit(name);
    i = end;
  }
  return {};
}

result<void> check_arguments(const code_bundle& bundle) {
  const auto& arguments = bundle.arguments;
  if (arguments.size() > limits::arguments_max)
    return too_much("arguments", arguments.size(), limits::arguments_max,
                    "arguments");
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    auto where = "arguments[" + std::to_string(i) + "]";
    if (arguments[i].size() > limits::argument_bytes_max)
      return too_much(where, arguments[i].size(), limits::argument_bytes_max,
                      "bytes");
    if (arguments[i].find('\0') != std::string::npos)
      return invalid(where, "holds a zero byte, which no argument can");
    if (auto sound = scan_template(where, arguments[i], [](auto) {}); !sound)
      return sound;
  }
  return {};
}

/// An upper bound of the encoding: contents, and for what surrounds them at
/// most 96 bytes a bundle, 32 a file, 3 an argument.
std::size_t encoded_size_max(const code_bundle& bundle) noexcept {
  auto total = 96 + bundle.main.size() + bundle.standard_input.size()
               + bundle.rootfs.size();
  for (const auto& file : bundle.files)
    total += 32 + file.name.size() + file.data.size();
  for (const auto& argument : bundle.arguments)
    total += 3 + argument.size();
  return total;
}

} // namespace

result<void> validate(const code_bundle& bundle) {
  for (auto check : {check_files, check_main, check_arguments, check_rootfs})
    if (auto sound = check(bundle); !sound)
      return {sound.error().code, "code_bundle." + sound.error().message};
  if (auto size = encoded_size_max(bundle); size > limits::bundle_bytes_max)
    return too_much("code_bundle", size, limits::bundle_bytes_max, "bytes");
  return {};
}

hash256 hash_of(const code_bundle& bundle) {
  return blob_id(wire::encode(bundle));
}

bytes encode_bundle(const code_bundle& bundle) {
  return wire::encode(bundle);
}

result<code_bundle> decode_bundle(bytes_view data) {
  if (data.size() > limits::bundle_bytes_max)
    return too_much("code_bundle", data.size(), limits::bundle_bytes_max,
                    "bytes");
  auto bundle = wire::decode<code_bundle>(data);
  if (!bundle)
    return bundle;
  if (auto sound = validate(*bundle); !sound)
    return sound.error();
  return bundle;
}

bool takes_file_argument(const code_bundle& bundle) {
  auto found = false;
  for (const auto& argument : bundle.arguments) {
    // An argument that is no sound template names nothing.
    auto found_here = false;
    auto sound =
      scan_template("argument", argument, [&](std::string_view name) {
        found_here = found_here || name == "file";
      });
    found = found || (sound && found_here);
  }
  return found;
}

} // namespace artel
