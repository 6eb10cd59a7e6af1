#include "tools/artel/shell/link_options.hpp"

#include "tools/artel/shell/option_values.hpp"

#include <algorithm>

namespace artel::tools {

std::vector<option_info> link_options() {
  using enum value_kind;
  return {
    {.name = "latency",
     .kind = text,
     .value_name = "TIME",
     .help = "how long a frame takes one way, on average",
     .default_text = "20ms"},
    {.name = "shape",
     .kind = choice,
     .value_name = "SHAPE",
     .help = "how latencies differ: constant, uniform (by up to a half) or"
             " exponential (with a long tail)",
     .default_text = "uniform",
     .choices = {"constant", "uniform", "exponential"}},
    {.name = "loss",
     .kind = text,
     .value_name = "SHARE",
     .help = "share of frames that are lost",
     .default_text = "0%"},
    {.name = "duplication",
     .kind = text,
     .value_name = "SHARE",
     .help = "share of frames that come twice",
     .default_text = "0%"},
    {.name = "reordering",
     .kind = text,
     .value_name = "SHARE",
     .help = "share of frames that later ones overtake",
     .default_text = "0%"},
    {.name = "capacity",
     .kind = text,
     .value_name = "RATE",
     .help = "what a path carries, such as 10MB/s; frames queue",
     .default_text = "none: no bound"},
  };
}

void read_link_options(option_reader& read, sim::link_profile& target) {
  read.read("latency", parse_span, target.latency);
  read.read("shape", parse_latency_shape, target.shape);
  read.read("loss", parse_percentage, target.loss);
  read.read("duplication", parse_percentage, target.duplication);
  read.read("reordering", parse_percentage, target.reordering);
  read.read("capacity", parse_bytes_per_second, target.bytes_per_second);
}

bool has_link_options(const arguments& given) {
  auto options = link_options();
  return std::any_of(options.begin(), options.end(),
                     [&](const auto& one) { return given.has(one.name); });
}

} // namespace artel::tools
