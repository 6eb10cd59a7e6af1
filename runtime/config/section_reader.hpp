// Reads one section of a task file, key by key: checks types, remembers where
// each key stands, and tells keys that nobody asked for. Private to config/.
#pragma once

#include "runtime/config/task_file.hpp"

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

namespace artel::runtime {

/// What all sections of one file share.
struct reading {
  task_description& task;
  /// With the line, so that they can be told in the order of the file.
  std::vector<std::pair<toml::source_position, config_problem>> problems;

  void add(const toml::source_region& source, errc code, std::string message);
  std::string place_of(const toml::source_region& source) const;
};

class section_reader {
public:
  /// `table` is null where the file has no such section: then nothing is read.
  section_reader(const toml::table* table, std::string name, reading& context);

  /// Each looks at one key, and leaves the target alone where it is not there
  /// or of no use.
  void text(std::string_view key, std::optional<std::string>& target);
  void texts(std::string_view key, std::vector<std::string>& target);
  void whole(std::string_view key, std::optional<std::uint64_t>& target);
  void whole(std::string_view key, std::uint32_t& target);
  void whole(std::string_view key, std::uint64_t& target);
  void time(std::string_view key, milliseconds& target);
  void size(std::string_view key, std::uint64_t& target);
  void amount(std::string_view key, std::optional<credits>& target);
  /// A number in units of which `scale` are one: 1.5 with 1000 is 1500.
  void scaled(std::string_view key, double scale, std::uint32_t& target);

  /// A name out of a list; '-' is as good as '_'.
  template <class Enum, class Target>
  void name_of(std::string_view key, result<Enum> (*parse)(std::string_view),
               Target& target) {
    read(key, [&](const toml::node& node) -> result<void> {
      auto word = word_of(node);
      if (!word)
        return word.error();
      auto parsed = parse(*word);
      if (!parsed)
        return parsed.error();
      target = *parsed;
      return {};
    });
  }

  bool has(std::string_view key) const;

  /// Tells every key that was not asked for.
  void finish();

private:
  using reader = std::function<result<void>(const toml::node&)>;

  void read(std::string_view key, const reader& take);
  result<std::string> word_of(const toml::node& node) const;
  result<void> read_whole(const toml::node& node, std::uint64_t maximum,
                          std::uint64_t& target) const;

  const toml::table* table_;
  std::string name_;
  reading& context_;
  std::vector<std::string_view> known_;
};

/// "a string", "an array": what a value of the wrong type is called.
std::string_view type_text(const toml::node& node);

} // namespace artel::runtime
