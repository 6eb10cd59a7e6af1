#include "tools/artel/text_table.hpp"

#include <doctest/doctest.h>

using namespace artel::tools;

TEST_CASE("columns line up, names to the left and figures to the right") {
  CHECK(table_text({{"worker", "n"}, {"a", "12"}, {"\xc3\xa9", "3"}}, 2)
        == "  worker   n\n"
           "  a       12\n"
           "  \xc3\xa9        3\n");
  CHECK(table_text({}, 2).empty());
  CHECK(table_text({{"alone"}}, 0) == "alone\n");
}
