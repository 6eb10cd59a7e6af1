// What a setting is given as, before it is a value of its own type: as in TOML,
// in a variable, or behind a flag. Pure.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "runtime/config/node_settings.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace artel::runtime {

/// How a setting is written.
enum class setting_kind : std::uint8_t {
  boolean = 1,
  whole,
  /// "8MiB", or a number of bytes.
  size,
  /// "15s".
  duration,
  text,
  path,
  choice,
  list,
};

using setting_value =
  std::variant<bool, std::uint64_t, std::string, std::vector<std::string>>;

/// For whole numbers, bytes and milliseconds.
struct setting_bounds {
  std::uint64_t least = 0;
  std::uint64_t most = 0;
};

/// Words of a variable or flag as a value of that kind. A list is separated by
/// commas; blanks around its items don't count.
result<setting_value> setting_from_text(setting_kind kind,
                                        std::string_view text);

/// As TOML: `"a"`, `[1, 2]`, `true`.
std::string toml_text(const setting_value& value);

/// `"a"`, with what TOML wants escaped.
std::string toml_quoted(std::string_view text);

/// Nothing given: an empty text or list.
bool is_blank(const setting_value& value);

/// How each type is written, read and shown. A reader leaves its target alone
/// where it gives an error.
template <class T>
struct setting_codec;

template <>
struct setting_codec<bool> {
  static constexpr auto kind = setting_kind::boolean;
  static result<void> read(const setting_value& given, const setting_bounds&,
                           bool& target);
  static setting_value show(bool value) { return value; }
};

template <>
struct setting_codec<std::uint32_t> {
  static constexpr auto kind = setting_kind::whole;
  static result<void> read(const setting_value& given,
                           const setting_bounds& bounds, std::uint32_t& target);
  static setting_value show(std::uint32_t value) {
    return std::uint64_t{value};
  }
};

template <>
struct setting_codec<std::uint16_t> {
  static constexpr auto kind = setting_kind::whole;
  static result<void> read(const setting_value& given,
                           const setting_bounds& bounds, std::uint16_t& target);
  static setting_value show(std::uint16_t value) {
    return std::uint64_t{value};
  }
};

/// A descriptor's number.
template <>
struct setting_codec<std::optional<int>> {
  static constexpr auto kind = setting_kind::whole;
  static result<void> read(const setting_value& given,
                           const setting_bounds& bounds,
                           std::optional<int>& target);
  static setting_value show(const std::optional<int>& value);
};

/// Bytes.
template <>
struct setting_codec<std::uint64_t> {
  static constexpr auto kind = setting_kind::size;
  static result<void> read(const setting_value& given,
                           const setting_bounds& bounds, std::uint64_t& target);
  static setting_value show(std::uint64_t value);
};

template <>
struct setting_codec<milliseconds> {
  static constexpr auto kind = setting_kind::duration;
  static result<void> read(const setting_value& given,
                           const setting_bounds& bounds, milliseconds& target);
  static setting_value show(milliseconds value);
};

template <>
struct setting_codec<std::string> {
  static constexpr auto kind = setting_kind::text;
  static result<void> read(const setting_value& given, const setting_bounds&,
                           std::string& target);
  static setting_value show(const std::string& value) { return value; }
};

template <>
struct setting_codec<std::filesystem::path> {
  static constexpr auto kind = setting_kind::path;
  static result<void> read(const setting_value& given, const setting_bounds&,
                           std::filesystem::path& target);
  static setting_value show(const std::filesystem::path& value) {
    return value.string();
  }
};

template <>
struct setting_codec<std::optional<node_address>> {
  static constexpr auto kind = setting_kind::text;
  static result<void> read(const setting_value& given, const setting_bounds&,
                           std::optional<node_address>& target);
  static setting_value show(const std::optional<node_address>& value);
};

template <>
struct setting_codec<std::optional<owner_id>> {
  static constexpr auto kind = setting_kind::text;
  static result<void> read(const setting_value& given, const setting_bounds&,
                           std::optional<owner_id>& target);
  static setting_value show(const std::optional<owner_id>& value);
};

/// What one item of a list is written as.
result<void> read_item(const std::string& text, std::string& target);
result<void> read_item(const std::string& text, node_address& target);
result<void> read_item(const std::string& text, node_id& target);
result<void> read_item(const std::string& text, owner_id& target);
result<void> read_item(const std::string& text, sandbox_kind& target);
std::string item_text(const std::string& value);
std::string item_text(const node_address& value);
std::string item_text(const node_id& value);
std::string item_text(const owner_id& value);
std::string item_text(sandbox_kind value);

/// Up to bounds.most items; which one is wrong is told.
template <class Item>
struct setting_codec<std::vector<Item>> {
  static constexpr auto kind = setting_kind::list;

  static result<void> read(const setting_value& given,
                           const setting_bounds& bounds,
                           std::vector<Item>& target) {
    const auto& texts = std::get<std::vector<std::string>>(given);
    if (texts.size() > bounds.most)
      return {errc::limit_exceeded, std::to_string(texts.size())
                                      + " items given; expected at most "
                                      + std::to_string(bounds.most)};
    std::vector<Item> items;
    for (const auto& text : texts) {
      Item item{};
      if (auto taken = read_item(text, item); !taken)
        return taken;
      items.push_back(std::move(item));
    }
    target = std::move(items);
    return {};
  }

  static setting_value show(const std::vector<Item>& value) {
    std::vector<std::string> texts;
    for (const auto& item : value)
      texts.push_back(item_text(item));
    return texts;
  }
};

/// Which of the words it is; '-' is as good as '_'.
result<std::size_t> find_word(const setting_value& given,
                              const std::vector<std::string_view>& words);

} // namespace artel::runtime
