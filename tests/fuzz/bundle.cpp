// Bundles come from other nodes: decoding, validation, argument templates. Each
// input is taken as an encoding, and as the lines of a bundle: m, r, i, a, f
// and x begin its main program, rootfs, input, an argument, a file and a
// program.
#include "protocol/task/code_bundle.hpp"
#include "sandbox/bundle/arguments.hpp"
#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace artel::fuzz {

namespace {

job_input range_input() {
  job_input input;
  input.kind = input_kind::range;
  input.first = 1;
  input.last = 1'000'000;
  return input;
}

job_input data_input() {
  job_input input;
  input.kind = input_kind::data;
  input.name = "part-1";
  return input;
}

bool names(const code_bundle& bundle, std::string_view placeholder) {
  for (const auto& argument : bundle.arguments)
    if (argument.find(placeholder) != argument.npos)
      return true;
  return false;
}

void check_arguments(const code_bundle& bundle) {
  auto of_range = sandbox::render_arguments(bundle, 7, range_input());
  auto of_data = sandbox::render_arguments(bundle, 7, data_input());
  require(of_range.ok() == !takes_file_argument(bundle),
          "a job with a range has all values but a file");
  require(of_data.ok() || names(bundle, "{first}") || names(bundle, "{last}"),
          "a job with data has all values but a range");
  require(!of_range.ok() || of_range->size() == bundle.arguments.size(),
          "each template makes one argument");
  require(!of_data.ok() || of_data->size() == bundle.arguments.size(),
          "each template makes one argument");
}

void add_line(code_bundle& bundle, std::string_view line) {
  std::string rest{line.substr(1)};
  switch (line.front()) {
    case 'm': bundle.main = rest; break;
    case 'r': bundle.rootfs = rest; break;
    case 'i': bundle.standard_input = to_bytes(rest); break;
    case 'a': bundle.arguments.push_back(rest); break;
    case 'f':
    case 'x':
      bundle.files.push_back({rest, line.front() == 'x', to_bytes(rest)});
      break;
    default: break;
  }
}

code_bundle bundle_of_lines(std::string_view text) {
  code_bundle bundle;
  while (!text.empty()) {
    auto line = text.substr(0, text.find('\n'));
    if (!line.empty())
      add_line(bundle, line);
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return bundle;
}

void check_made(const code_bundle& bundle) {
  auto valid = validate(bundle).ok();
  auto decoded = decode_bundle(encode_bundle(bundle));
  require(decoded.ok() == valid, "what is valid decodes, and nothing else");
  require(!valid || *decoded == bundle, "what is encoded comes back");
  if (valid)
    check_arguments(bundle);
}

code_bundle small_bundle() {
  code_bundle bundle;
  bundle.main = "/usr/bin/true";
  return bundle;
}

code_bundle full_bundle() {
  code_bundle bundle;
  bundle.main = "bin/run.sh";
  bundle.files = {{"bin/run.sh", true, to_bytes("#!/bin/sh\necho hi\n")},
                  {"data/words", false, to_bytes("a b c")},
                  {"root.tar", false, to_bytes("tar")}};
  bundle.arguments = {"{first}", "--last={last}", "{{{index}}}", "plain"};
  bundle.standard_input = to_bytes("input\n");
  bundle.rootfs = "root.tar";
  return bundle;
}

code_bundle file_bundle() {
  auto bundle = small_bundle();
  bundle.main = "/usr/bin/wc";
  bundle.arguments = {"-w", "{file}"};
  return bundle;
}

} // namespace

void run(bytes_view input) {
  check_made(bundle_of_lines(as_text(input)));
  auto bundle = decode_bundle(input);
  if (!bundle) {
    require(!bundle.error().message.empty(), "a refusal says why");
    return;
  }
  auto encoded = encode_bundle(*bundle);
  require(as_text(encoded) == as_text(input),
          "what decodes encodes to the same bytes");
  require(validate(*bundle).ok(), "what decodes is valid");
  check_arguments(*bundle);
}

std::vector<seed> make_seeds() {
  return {
    {"small", encode_bundle(small_bundle())},
    {"full", encode_bundle(full_bundle())},
    {"file", encode_bundle(file_bundle())},
    {"lines_main", to_bytes("m/usr/bin/awk\na{first}\na{last}{{}}\nitext")},
    {"lines_files", to_bytes("mb/run\nrc.tar\nfa\nxb/run\nfb/x\nfc.tar\n"
                             "a{file}{index}")}};
}

} // namespace artel::fuzz
