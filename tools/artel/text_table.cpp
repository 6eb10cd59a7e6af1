#include "tools/artel/text_table.hpp"

#include <algorithm>

namespace artel::tools {

namespace {

/// Bytes that continue a UTF-8 character take no column.
std::size_t columns_of(const std::string& text) {
  return static_cast<std::size_t>(
    std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

} // namespace

std::string table_text(const std::vector<std::vector<std::string>>& rows,
                       std::size_t indent, std::size_t words) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    text.append(indent, ' ');
    for (std::size_t i = 0; i < row.size(); ++i) {
      auto padding = widths[i] - columns_of(row[i]);
      if (i > 0)
        text.append(2, ' ');
      if (i >= words)
        text.append(padding, ' ');
      text += row[i];
      // Nothing follows the last cell.
      if (i < words && i + 1 < row.size())
        text.append(padding, ' ');
    }
    text += '\n';
  }
  return text;
}

} // namespace artel::tools
