// A file that what happens in a world is written to, for Chrome's trace viewer.
#pragma once

#include "protocol/core/result.hpp"

#include <filesystem>
#include <fstream>
#include <memory>

namespace artel::sim {
class chrome_trace;
class world;
} // namespace artel::sim

namespace artel::tools {

class trace_recorder {
public:
  static result<std::unique_ptr<trace_recorder>>
  create(const std::filesystem::path& path);

  trace_recorder(const trace_recorder&) = delete;
  trace_recorder& operator=(const trace_recorder&) = delete;
  ~trace_recorder();

  /// The file is about one world, the first that it is attached to: false for
  /// others. The recorder must outlive the world, which must live at finish().
  bool attach(sim::world& world);

  /// Writes the end.
  result<void> finish();

private:
  explicit trace_recorder(std::filesystem::path path);

  std::filesystem::path path_;
  std::ofstream file_;
  std::unique_ptr<sim::chrome_trace> trace_;
};

} // namespace artel::tools
