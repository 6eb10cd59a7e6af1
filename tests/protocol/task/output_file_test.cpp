#include "protocol/task/output_file.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/identity/hash.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <set>
#include <string>
#include <vector>

using namespace artel;

namespace {

using files = std::vector<output_file>;

constexpr std::uint64_t plenty = 1u << 20;

files named(const std::vector<std::string>& names) {
  files made;
  for (const auto& name : names)
    made.push_back({name, to_bytes("x")});
  return made;
}

failure refusal(const files& given, std::uint64_t bytes_max = plenty) {
  auto checked = check_output_files(given, bytes_max);
  REQUIRE_FALSE(checked.ok());
  return checked.error();
}

} // namespace

TEST_CASE("files in order, each once, none inside another, are sound") {
  CHECK(check_output_files({}, 0));
  for (const auto& names : std::vector<std::vector<std::string>>{
         {"a"},
         {"a", "b"},
         {"a/b/c", "a/b/d", "a/c"},
         // By bytes: '+', '-' and '.' come before '/', digits after.
         {"a-b", "a.b", "a/b", "a0"},
         {"...", "..a", "a b", "\xc3\xa4"},
         {std::string(limits::name_bytes_max, 'x')}})
    CHECK(check_output_files(named(names), plenty));
}

TEST_CASE("a name that leads anywhere else is malformed") {
  for (const std::string& name :
       {std::string{}, std::string{"/a"}, std::string{"a/"},
        std::string{"a//b"}, std::string{"."}, std::string{".."},
        std::string{"../a"}, std::string{"a/../b"}, std::string{"a/.."},
        std::string{"a/./b"}, std::string{"a\nb"}, std::string{"a\0b", 3},
        std::string{"\x1b[2J"}, std::string{"\x7f"},
        std::string(limits::name_bytes_max + 1, 'x')}) {
    CAPTURE(name);
    auto found = refusal(named({name}));
    CHECK(found.code == errc::malformed);
    CHECK(found.message.starts_with("output file 0: "));
  }
  CHECK(refusal(named({"a", "b/../c"}))
        == failure{errc::malformed,
                   "output file 1: 'b/../c' has an empty, '.' or '..' part"});
}

TEST_CASE("files out of order, or twice, are malformed") {
  CHECK(refusal(named({"b", "a"}))
        == failure{errc::malformed, "output file 1: 'a' must come once, and"
                                    " after 'b' in the order of bytes"});
  CHECK(refusal(named({"a", "a"})).code == errc::malformed);
  CHECK(refusal(named({"a/b", "a-b"})).code == errc::malformed);
  CHECK(refusal(named({"\xc3\xa4", "z"})).code == errc::malformed);
}

TEST_CASE("a file is no directory of others") {
  CHECK(refusal(named({"a", "a/b"}))
        == failure{errc::malformed,
                   "output file 1: 'a' is a file already, so it can't be a"
                   " directory"});
  CHECK(refusal(named({"a", "a-b", "a/b/c"})).code == errc::malformed);
  CHECK(refusal(named({"a/b", "a/b-c", "a/b/c/d"})).message
        == "output file 2: 'a/b' is a file already, so it can't be a"
           " directory");
}

TEST_CASE("there are only so many files") {
  files many;
  for (std::size_t i = 0; i < limits::output_files_max; ++i)
    many.push_back({std::to_string(10'000 + i), {}});
  CHECK(check_output_files(many, 0));
  many.push_back({"2", {}});
  CHECK(refusal(many)
        == failure{errc::limit_exceeded,
                   "1025 output files; at most 1024 are allowed"});
}

TEST_CASE("files hold in all what the task allows") {
  files two{{"a", bytes(3)}, {"b", bytes(4)}};
  CHECK(total_bytes(two) == 7);
  CHECK(total_bytes({}) == 0);
  CHECK(check_output_files(two, 7));
  CHECK(refusal(two, 6)
        == failure{errc::limit_exceeded,
                   "output files of 7 bytes; at most 6 are allowed"});
  CHECK(refusal(named({"a"}), 0).code == errc::limit_exceeded);
}

TEST_CASE("the hash of files tells names and contents, and where each ends") {
  const files all[] = {
    named({"a"}), named({"b"}), named({"a", "b"}),
    {{"a", {}}},  {{"ax", {}}}, {{"a", to_bytes("xb")}},
    {{"", {}}},
  };
  std::set<hash256> hashes{hash256{}};
  for (const auto& one : all)
    CHECK(hashes.insert(hash_of(one)).second);
  CHECK(hash_of(files{}).is_zero());
  CHECK(hash_of(files{{"a", to_bytes("xy")}})
        == hasher{"artel.output_files.v1"}
             .update(std::uint64_t{1})
             .update(std::uint64_t{1})
             .update(as_bytes("a"))
             .update(std::uint64_t{2})
             .update(as_bytes("xy"))
             .finish());
}
