#include "tools/artel/shell/script_line.hpp"

#include <doctest/doctest.h>

using namespace artel::tools;

namespace {

script_line line_of(std::string_view text) {
  auto script = parse_script(text, {"a.artel", 1, 1});
  REQUIRE(script.statements.size() == 1);
  return script.statements[0].line;
}

std::vector<std::string> words_of(const script_line& line) {
  std::vector<script_word> words;
  REQUIRE_FALSE(split_words(line, words));
  std::vector<std::string> texts;
  for (const auto& one : words)
    texts.push_back(one.text);
  return texts;
}

std::vector<std::string> words_of(std::string_view text) {
  return words_of(line_of(text));
}

using words = std::vector<std::string>;

/// "LINE:COLUMN message" of the only problem.
std::string problem_of(std::string_view text) {
  auto script = parse_script(text, {"a.artel", 1, 1});
  if (script.problems.size() != 1)
    return std::to_string(script.problems.size()) + " problems";
  const auto& one = script.problems[0];
  return std::to_string(one.place.line) + ":" + std::to_string(one.place.column)
         + " " + one.message;
}

std::string substituted(std::string_view text,
                        const std::map<std::string, std::string>& variables) {
  auto line = line_of(text);
  if (auto mistake = substitute(line, variables))
    return std::to_string(line.place_of(mistake->offset).column) + " "
           + mistake->message;
  CHECK(line.spots.size() == line.text.size() + 1);
  return line.text;
}

} // namespace

TEST_CASE("blanks part words, and quotes keep them together") {
  CHECK(words_of("node  add\tx ") == words{"node", "add", "x"});
  CHECK(words_of("echo \"a b\" 'c d'") == words{"echo", "a b", "c d"});
  CHECK(words_of("echo a\"b c\"d") == words{"echo", "ab cd"});
  CHECK(words_of("echo one\\ word \\\"") == words{"echo", "one word", "\""});
  CHECK(words_of(R"(echo "a \"b\" \\ \n")") == words{"echo", "a \"b\" \\ \n"});
  CHECK(words_of(R"(echo 'a\b')") == words{"echo", "a\\b"});
  CHECK(words_of("echo \"\"") == words{"echo", ""});
}

TEST_CASE("a comment begins where a word could") {
  CHECK(words_of("run 1s # all of it") == words{"run", "1s"});
  CHECK(words_of("echo a#b '# no' \\#") == words{"echo", "a#b", "# no", "#"});
  CHECK(parse_script("# nothing\n\n   \n#\n", {}).statements.empty());
  // A comment does not go on.
  CHECK(parse_script("# x \\\nrun 1s", {}).statements.size() == 1);
}

TEST_CASE("a backslash at its end makes a line go on") {
  CHECK(words_of("node add x \\\n  --cpu 4")
        == words{"node", "add", "x", "--cpu", "4"});
  CHECK(words_of("echo \"a \\\nb\"") == words{"echo", "a b"});
  CHECK(words_of("echo a\\\r\n b") == words{"echo", "a", "b"});
  CHECK(parse_script("run \\", {}).is_incomplete);
  CHECK(parse_script("run 1s \\\n", {}).is_incomplete == false);
}

TEST_CASE("every byte knows its line and column") {
  auto line = line_of("\n\nnode add \\\n  \xc3\xa4 y");
  CHECK(line.place_of(0) == script_place{"a.artel", 3, 1});
  CHECK(line.place_of(5) == script_place{"a.artel", 3, 6});
  auto at = line.text.find('y');
  // The umlaut is one column, though two bytes.
  CHECK(line.place_of(at) == script_place{"a.artel", 4, 5});
  CHECK(line.place_of(line.text.size()) == script_place{"a.artel", 4, 6});
  CHECK(to_string(line.place_of(0)) == "a.artel:3:1");
  CHECK(to_string(script_place{}) == "");
}

TEST_CASE("blocks hold lines and blocks, up to their end") {
  auto script = parse_script("repeat 2\n run 1s\n repeat 3 # in it\n  echo\n"
                             " end\nend\nquit\n",
                             {});
  CHECK(script.problems.empty());
  REQUIRE(script.statements.size() == 2);
  const auto& outer = script.statements[0];
  CHECK(outer.is_block);
  REQUIRE(outer.body.size() == 2);
  CHECK(outer.body[1].is_block);
  CHECK(outer.body[1].body.size() == 1);
  CHECK_FALSE(script.statements[1].is_block);
}

TEST_CASE("blocks without an end, and ends without a block, are told") {
  CHECK(problem_of("run 1s\n  repeat 2\nrun 1s")
        == "2:3 this 'repeat' has no 'end'");
  CHECK(parse_script("repeat 2", {}).is_incomplete);
  CHECK(problem_of("end") == "1:1 'end' without a 'repeat' before it");
  CHECK(problem_of("repeat 2\nend now")
        == "2:5 'end' stands alone; expected nothing here");
  CHECK(problem_of("echo 'a\necho b")
        == "1:6 this ' is not closed; expected another one before the end of"
           " the line");
  std::string deep;
  for (int i = 0; i < 33; ++i)
    deep += "repeat 1\n";
  for (int i = 0; i < 33; ++i)
    deep += "end\n";
  CHECK(problem_of(deep) == "33:1 blocks are nested deeper than 32");
}

TEST_CASE("variables are put in where no single quotes keep them out") {
  std::map<std::string, std::string> known{{"a", "8"}, {"ab", "x y"}};
  CHECK(substituted("node add w $a", known) == "node add w 8");
  CHECK(substituted("echo w-${a}b '$a' \\$a", known) == "echo w-8b '$a' \\$a");
  // What it holds stays one word, whatever it is.
  CHECK(words_of(substituted("echo $ab", known)) == words{"echo", "x y"});
  CHECK(words_of(substituted("echo \"<$ab>\"", known))
        == words{"echo", "<x y>"});
  CHECK(words_of(substituted("echo $q", {{"q", "a \"b\" $c \\"}}))
        == words{"echo", "a \"b\" $c \\"});
}

TEST_CASE("what is no variable is told where it stands") {
  CHECK(substituted("echo $workerz", {{"workers", "8"}})
        == "6 there is no variable 'workerz'; did you mean 'workers'? ('set"
           " workerz = VALUE' makes it)");
  CHECK(substituted("echo a$ b", {})
        == "7 expected a variable's name after '$'; '\\$' is a dollar sign");
  CHECK(substituted("echo ${a", {{"a", "1"}}).starts_with("6 expected"));
}

TEST_CASE("what comes of a variable stands where the variable stood") {
  auto line = line_of("echo $name x");
  REQUIRE_FALSE(substitute(line, {{"name", "something-long"}}));
  auto at = line.text.find('x');
  CHECK(line.place_of(at).column == 12);
  CHECK(line.place_of(line.text.find("long")).column == 6);
}
