// Lines up columns of text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace artel::tools {

/// Each row's cells in columns: the first `words` to the left, the others
/// (figures) to the right; every line begins with `indent` blanks.
std::string table_text(const std::vector<std::vector<std::string>>& rows,
                       std::size_t indent, std::size_t words = 1);

} // namespace artel::tools
