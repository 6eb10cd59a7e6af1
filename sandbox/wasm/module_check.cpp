#include "sandbox/wasm/module_check.hpp"

#include "protocol/task/message_text.hpp"
#include "sandbox/wasm/section_reader.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace artel::sandbox {

namespace {

/// Where a section stands among the others, by its number.
constexpr std::array<int, 14> ranks{0, 1, 2,  3,  4,  5,  7,
                                    8, 9, 10, 12, 13, 11, 6};

/// Reads one module from its beginning to its end. Each step returns false
/// where the cursor has found a problem.
class module_walk {
public:
  module_walk(bytes_view module, const module_limits& limits)
    : module_(module),
      limits_(limits),
      cursor_(module),
      reader_(cursor_, limits, outline_) {}

  bool run();

  module_facts take_facts() { return std::move(outline_.facts); }
  module_problem take_problem() { return cursor_.take_problem(); }

private:
  bool read_header();
  bool read_version();
  bool read_section();
  bool check_order(section_id id, std::size_t offset);
  bool check_counts();
  bool check_exports();

  bool refuse(std::size_t offset, const std::string& text) {
    return cursor_.refuse(run_outcome::invalid_module, offset, text);
  }

  bytes_view module_;
  const module_limits& limits_;
  module_cursor cursor_;
  module_outline outline_;
  section_reader reader_;
  std::size_t sections_ = 0;
  /// The latest but for custom ones, which stand anywhere.
  section_id last_ = custom_section;
};

bool module_walk::run() {
  if (!read_header() || !read_version())
    return false;
  while (cursor_.left() > 0)
    if (!read_section())
      return false;
  return check_counts() && check_exports();
}

bool module_walk::read_header() {
  constexpr std::string_view magic{"\0asm", 4};
  if (module_.size() > limits_.module_bytes_max)
    return cursor_.refuse_whole(
      "the module has " + byte_count_text(module_.size()) + "; at most "
      + byte_count_text(limits_.module_bytes_max)
      + " are allowed: strip it, or give it its data as input");
  if (module_.empty())
    return cursor_.refuse_whole("the module is empty");
  auto text = as_text(module_);
  if (text.starts_with("(module"))
    return cursor_.refuse_whole(
      "the module is in WebAssembly's text form; translate it with wat2wasm");
  if (!text.starts_with(magic.substr(0, text.size())))
    return refuse(0, "not WebAssembly, which begins with '\\0asm'; build the "
                     "program for the target wasm32-wasi");
  bytes_view mark;
  return cursor_.read_bytes(mark, magic.size(), "the mark of WebAssembly");
}

bool module_walk::read_version() {
  auto offset = cursor_.position();
  bytes_view version;
  if (!cursor_.read_bytes(version, 4, "the version of WebAssembly"))
    return false;
  if (version[2] != 0 || version[3] != 0)
    return refuse(offset, "a WebAssembly component, expected a core module; "
                          "build it for the target wasm32-wasi (wasip1)");
  if (version[0] != 1 || version[1] != 0)
    return refuse(offset, "version "
                            + std::to_string(version[0] + 256 * version[1])
                            + " of WebAssembly, expected version 1");
  return true;
}

bool module_walk::read_section() {
  auto offset = cursor_.position();
  std::uint8_t id = 0;
  std::uint32_t size = 0;
  if (sections_++ == limits_.sections_max)
    return refuse(offset, "more than " + std::to_string(limits_.sections_max)
                            + " sections; strip the module");
  if (!cursor_.read_byte(id, "a section"))
    return false;
  if (section_name(id).empty())
    return cursor_.malformed(offset, "a section has the number "
                                       + std::to_string(id)
                                       + ", which is that of none");
  if (!cursor_.read_number(size, "the size of a section"))
    return false;
  auto known = static_cast<section_id>(id);
  return check_order(known, offset) && cursor_.enter_section(id, size)
         && reader_.read(known) && cursor_.leave_section();
}

bool module_walk::check_order(section_id id, std::size_t offset) {
  if (id == custom_section)
    return true;
  if (id == start_section)
    return refuse(offset, "has a start section, which would run before fuel is "
                          "counted; call that function from _start");
  if (id == tag_section)
    return refuse(offset, "uses exceptions, which are not supported; compile "
                          "with -fno-exceptions");
  auto name = std::string{section_name(id)};
  if (id == last_)
    return cursor_.malformed(offset, "has a second " + name + " section");
  if (ranks[id] < ranks[last_])
    return cursor_.malformed(offset,
                             "the " + name + " section belongs before the "
                               + std::string{section_name(last_)} + " section");
  last_ = id;
  return true;
}

bool module_walk::check_counts() {
  auto functions = outline_.facts.functions;
  auto announced = outline_.data_count.value_or(outline_.data_segments);
  if (outline_.bodies != functions)
    return cursor_.refuse_whole(
      "the module declares " + std::to_string(functions)
      + " functions, but has code for " + std::to_string(outline_.bodies)
      + "; it is damaged: build it again");
  if (outline_.data_segments != announced)
    return cursor_.refuse_whole(
      "the module announces " + std::to_string(announced)
      + " segments of data, but has " + std::to_string(outline_.data_segments)
      + "; it is damaged: build it again");
  return true;
}

bool module_walk::check_exports() {
  if (outline_.memories == 0)
    return cursor_.refuse_whole("the module has no memory; expected one, as "
                                "programs for the target wasm32-wasi have");
  if (!outline_.exports_memory)
    return cursor_.refuse_whole("the module does not export its memory as "
                                "'memory', which WASI asks for; link it with "
                                "--export-memory");
  if (!outline_.start_function)
    return cursor_.refuse_whole("the module exports no function '_start'; "
                                "build it as a command, with main(), not as a "
                                "library or reactor");
  const auto& type =
    outline_.types[outline_.function_types[*outline_.start_function]];
  if (!type.parameters.empty() || !type.results.empty())
    return cursor_.refuse_whole("'_start' has the type " + describe(type)
                                + ", expected () -> ()");
  return true;
}

} // namespace

std::variant<module_facts, module_problem>
check_module(bytes_view module, const module_limits& limits) {
  module_walk walk{module, limits};
  if (!walk.run())
    return walk.take_problem();
  return walk.take_facts();
}

} // namespace artel::sandbox
