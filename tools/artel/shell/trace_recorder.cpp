#include "tools/artel/shell/trace_recorder.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/sim/log/chrome_trace.hpp"
#include "runtime/sim/world.hpp"

#include <utility>

namespace artel::tools {

trace_recorder::trace_recorder(std::filesystem::path path)
  : path_(std::move(path)),
    file_(path_, std::ios::binary | std::ios::trunc) {
}

trace_recorder::~trace_recorder() = default;

result<std::unique_ptr<trace_recorder>>
trace_recorder::create(const std::filesystem::path& path) {
  std::unique_ptr<trace_recorder> made{new trace_recorder{path}};
  if (!made->file_)
    return {errc::system_failure,
            "cannot write the trace to " + artel::quoted(path.string())};
  return made;
}

bool trace_recorder::attach(sim::world& world) {
  if (trace_ != nullptr)
    return false;
  trace_ =
    std::make_unique<sim::chrome_trace>(file_, [&world](sim::node_index index) {
      return index < world.node_count() ? world.node(index).options.name
                                        : std::string{"world"};
    });
  world.listen([this](microseconds when, const sim::trace_record& record) {
    trace_->on_record(when, record);
  });
  return true;
}

result<void> trace_recorder::finish() {
  if (trace_ != nullptr)
    trace_->finish();
  file_.flush();
  if (!file_)
    return {errc::system_failure, "the trace could not be written to "
                                    + artel::quoted(path_.string())};
  return {};
}

} // namespace artel::tools
