#include "runtime/observe/progress.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

task_progress sample() {
  task_progress progress;
  progress.jobs = {200, 160, 120, 0, 0};
  progress.running = 12;
  progress.retried = 3;
  progress.elapsed = milliseconds{2'000};
  return progress;
}

} // namespace

TEST_CASE("progress tells done, left, running, retried and rate") {
  CHECK(progress_text(sample(), 120)
        == "120/200 jobs  60%  1.3 s left  12 running  3 retried  60.0/s");
  auto failing = sample();
  failing.jobs.failed = 2;
  CHECK(progress_text(failing, 120).find("2 failed") != std::string::npos);
}

TEST_CASE("before the first job has ended nothing is guessed") {
  task_progress progress;
  progress.jobs.total = 10;
  progress.running = 4;
  CHECK(progress_text(progress, 80) == "0/10 jobs  0%  4 running");
  CHECK(progress_text(task_progress{}, 80) == "0/0 jobs  0 running");
}

TEST_CASE("progress fits the width, what says least goes first") {
  auto full = progress_text(sample(), 200);
  for (std::size_t width = 0; width <= full.size(); ++width) {
    auto text = progress_text(sample(), width);
    CHECK(text.size() <= width);
    CHECK(full.starts_with(text));
  }
  CHECK(progress_text(sample(), 20) == "120/200 jobs  60%");
}

TEST_CASE("a terminal has one line, written over and taken away") {
  progress_view view;
  CHECK(view.clear().empty());
  auto first = view.show(sample(), 40);
  CHECK(first.starts_with("\r\x1b[K120/200 jobs"));
  CHECK(first.find('\n') == std::string::npos);
  // Carriage return and "clear to the end" take no column.
  CHECK(first.size() - 4 < 40);
  CHECK(view.clear() == "\r\x1b[K");
  CHECK(view.clear().empty());
}

TEST_CASE("elsewhere there is a plain line every few seconds") {
  progress_view view;
  auto progress = sample();
  std::vector<std::int64_t> shown;
  for (progress.elapsed = milliseconds{0};
       progress.elapsed < milliseconds{16'000};
       progress.elapsed += milliseconds{250}) {
    auto text = view.show(progress, std::nullopt);
    if (text.empty())
      continue;
    CHECK(text.ends_with("\n"));
    CHECK(text.find('\r') == std::string::npos);
    shown.push_back(progress.elapsed.count());
  }
  CHECK(shown == std::vector<std::int64_t>{5'000, 10'000, 15'000});
  CHECK(view.clear().empty());
}

TEST_CASE("times are told in the unit that fits") {
  CHECK(elapsed_text(milliseconds{0}) == "0 ms");
  CHECK(elapsed_text(milliseconds{850}) == "850 ms");
  CHECK(elapsed_text(milliseconds{12'345}) == "12.3 s");
  CHECK(elapsed_text(milliseconds{125'000}) == "2 min 5 s");
  CHECK(elapsed_text(milliseconds{4'200'000}) == "1 h 10 min");
}
