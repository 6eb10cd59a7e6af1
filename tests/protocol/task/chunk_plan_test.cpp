#include "protocol/task/chunk_plan.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

using namespace artel;

namespace {

task_source range_source(std::uint64_t first, std::uint64_t last,
                         std::uint64_t chunks) {
  task_source source;
  source.kind = source_kind::range;
  source.first = first;
  source.last = last;
  source.chunks = chunks;
  return source;
}

/// Neighbours touch, the ends are the range's, sizes differ by one at most.
void check_coverage(const chunk_plan& plan) {
  const auto& source = plan.source();
  auto expected = source.first;
  auto smallest = UINT64_MAX;
  std::uint64_t largest = 0;
  for (std::uint64_t i = 0; i < plan.count(); ++i) {
    auto part = plan.at(i);
    REQUIRE(part.index == i);
    REQUIRE(part.kind == input_kind::range);
    REQUIRE(part.first == expected);
    REQUIRE(part.last >= part.first);
    smallest = std::min(smallest, part.last - part.first);
    largest = std::max(largest, part.last - part.first);
    expected = part.last + 1;
  }
  REQUIRE(expected == source.last + 1);
  REQUIRE(largest - smallest <= 1);
}

std::string random_lines(random_generator& random) {
  std::string text;
  auto lines = random.below(60);
  for (std::uint64_t i = 0; i < lines; ++i) {
    auto longest = random.chance(100'000) ? 400 : 12;
    text.append(random.below(longest), 'x');
    text += '\n';
  }
  if (random.chance(500'000))
    text.append(random.below(20), 'y');
  return text;
}

} // namespace

TEST_CASE("A range is cut into equal parts, the longer ones first") {
  chunk_plan plan{range_source(1, 10, 3)};
  REQUIRE(plan.count() == 3);
  CHECK(plan.at(0).first == 1);
  CHECK(plan.at(0).last == 4);
  CHECK(plan.at(1).first == 5);
  CHECK(plan.at(1).last == 7);
  CHECK(plan.at(2).first == 8);
  CHECK(plan.at(2).last == 10);
}

TEST_CASE("A range smaller than the wanted chunks is cut to single numbers") {
  chunk_plan plan{range_source(7, 9, 1000)};
  CHECK(plan.count() == 3);
  check_coverage(plan);
}

TEST_CASE("The chunks of random ranges cover them without overlap") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    auto a = random.next() >> (1 + random.below(63));
    auto b = random.next() >> (1 + random.below(63));
    check_coverage(chunk_plan{
      range_source(std::min(a, b), std::max(a, b), 1 + random.below(300))});
  }
}

TEST_CASE("The chunks of the largest ranges cover them without overlap") {
  constexpr auto most = limits::range_value_max;
  for (std::uint64_t chunks : {1, 2, 3, 7, 10, 64, 99'991}) {
    CAPTURE(chunks);
    check_coverage(chunk_plan{range_source(0, most, chunks)});
    check_coverage(chunk_plan{range_source(1, most, chunks)});
    check_coverage(chunk_plan{range_source(most - 5, most, chunks)});
    check_coverage(chunk_plan{range_source(most, most, chunks)});
    check_coverage(chunk_plan{range_source(0, 0, chunks)});
  }
  // The most jobs a task may have: their ends and seams.
  constexpr auto jobs = limits::jobs_per_task_max;
  chunk_plan plan{range_source(0, most, jobs)};
  REQUIRE(plan.count() == jobs);
  CHECK(plan.at(0).first == 0);
  CHECK(plan.at(jobs - 1).last == most);
  auto random = random_generator::from_number(1);
  for (int i = 0; i < 10'000; ++i) {
    auto index = random.below(jobs - 1);
    REQUIRE(plan.at(index).last + 1 == plan.at(index + 1).first);
  }
}

TEST_CASE("A source of files gives one job a file") {
  task_source source;
  source.kind = source_kind::files;
  source.files = {{"in/a.txt", 12}, {"in/empty", 0}};
  chunk_plan plan{source};
  REQUIRE(plan.count() == 2);
  auto part = plan.at(0);
  CHECK(part.kind == input_kind::data);
  CHECK(part.path == "in/a.txt");
  CHECK(part.offset == 0);
  CHECK(part.bytes == 12);
  CHECK(plan.at(1).index == 1);
  CHECK(plan.at(1).path == "in/empty");
  CHECK(plan.at(1).bytes == 0);
}

TEST_CASE("A source of lines gives a job a piece, the last to the file's end") {
  task_source source;
  source.kind = source_kind::lines;
  source.files = {{"in/words", 20}};
  source.line_offsets = {0, 8, 15};
  source.chunks = 3;
  chunk_plan plan{source};
  REQUIRE(plan.count() == 3);
  CHECK(plan.at(0).offset == 0);
  CHECK(plan.at(0).bytes == 8);
  CHECK(plan.at(1).offset == 8);
  CHECK(plan.at(1).bytes == 7);
  CHECK(plan.at(2).offset == 15);
  CHECK(plan.at(2).bytes == 5);
  CHECK(plan.at(2).path == "in/words");
  CHECK(plan.at(2).kind == input_kind::data);
}

TEST_CASE("Without a source there are as many runs as chunks, told by index") {
  task_source source;
  source.chunks = 4;
  chunk_plan plan{source};
  CHECK(plan.count() == 4);
  CHECK(plan.at(3).index == 3);
  CHECK(plan.at(3).kind == input_kind::none);
}

TEST_CASE("Selecting chunks to run again leaves their indexes and inputs") {
  auto source = range_source(0, 99, 10);
  chunk_plan whole{source};
  source.only = {2, 7};
  chunk_plan again{source};
  CHECK(again.count() == whole.count());
  CHECK(again.at(7).first == whole.at(7).first);
  CHECK(again.at(7).last == whole.at(7).last);
}

TEST_CASE("The number of chunks is told for sources that are not valid too") {
  CHECK(chunk_count(range_source(1, 10, 0)) == 0);
  task_source files;
  files.kind = source_kind::files;
  CHECK(chunk_count(files) == 0);
}

TEST_CASE("Text is cut after newlines only") {
  CHECK(split_lines("a\nb\nc\nd\n", 2) == std::vector<std::uint64_t>{0, 4});
  CHECK(split_lines("a\nb\nc\nd", 4) == std::vector<std::uint64_t>{0, 2, 4, 6});
  CHECK(split_lines("no newline", 5) == std::vector<std::uint64_t>{0});
  CHECK(split_lines("one\n", 5) == std::vector<std::uint64_t>{0});
  CHECK(split_lines("\n\n\n", 9) == std::vector<std::uint64_t>{0, 1, 2});
  CHECK(split_lines("", 5).empty());
  CHECK(split_lines("a\nb\n", 0).empty());
  CHECK(split_lines("a\nb\n", UINT64_MAX) == std::vector<std::uint64_t>{0, 2});
}

TEST_CASE("A long first line leaves the rest to all other pieces") {
  auto text = std::string(100, 'x') + "\na\nb\nc\nd\n";
  CHECK(split_lines(text, 5)
        == std::vector<std::uint64_t>{0, 101, 103, 105, 107});
}

TEST_CASE("Pieces of random text are whole lines of about equal size") {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    auto text = random_lines(random);
    auto chunks = 1 + random.below(40);
    auto offsets = split_lines(text, chunks);
    REQUIRE(offsets.empty() == text.empty());
    if (text.empty())
      continue;
    REQUIRE(offsets.size() <= chunks);
    REQUIRE(offsets.front() == 0);
    std::size_t longest_line = 0;
    for (std::size_t start = 0; start < text.size();) {
      auto end = std::min(text.find('\n', start), text.size() - 1) + 1;
      longest_line = std::max(longest_line, end - start);
      start = end;
    }
    for (std::size_t i = 0; i < offsets.size(); ++i) {
      auto end = i + 1 < offsets.size() ? offsets[i + 1] : text.size();
      REQUIRE(end > offsets[i]);
      REQUIRE(end - offsets[i] <= text.size() / chunks + 1 + longest_line);
      if (i > 0)
        REQUIRE(text[offsets[i] - 1] == '\n');
    }
  }
}

TEST_CASE("A job's file is called by the last part of its path") {
  CHECK(file_name_of("in/photos/a.png") == "a.png");
  CHECK(file_name_of("a.png") == "a.png");
  CHECK(file_name_of("/a.png") == "a.png");
  CHECK(file_name_of("in/photos/") == "photos");
  CHECK(file_name_of("in//") == "in");
  CHECK(file_name_of("") == "");
  CHECK(file_name_of("///") == "");
}
