#include "sandbox/process/launch.hpp"

#include "sandbox/process/bubblewrap.hpp"
#include "sandbox/process/run_verdict.hpp"
#include "sandbox/process/spawn.hpp"

#include <algorithm>
#include <utility>

namespace artel::sandbox {

namespace {

/// Both sides of all pipes of a run.
struct run_channels {
  run_pipes ours;
  descriptor input;
  descriptor output;
  descriptor errors;
  descriptor status;
  descriptor info;
};

result<void> open_channel(descriptor& ours, descriptor& theirs,
                          bool they_read) {
  auto made = make_pipe();
  if (!made)
    return made.error();
  ours = std::move(they_read ? made->write : made->read);
  theirs = std::move(they_read ? made->read : made->write);
  if (auto done = make_nonblocking(ours); !done)
    return done;
  // So that the program may open /dev/stdin, /dev/stdout and /dev/stderr.
  if (::geteuid() == 0
      && ::fchown(theirs.number(), sandbox_user, sandbox_group) != 0)
    return system_error("cannot give a pipe to the sandbox");
  return {};
}

result<void> open_channels(run_channels& channels, bool with_info) {
  auto& ours = channels.ours;
  for (auto opened : {open_channel(ours.input, channels.input, true),
                      open_channel(ours.output, channels.output, false),
                      open_channel(ours.errors, channels.errors, false),
                      open_channel(ours.status, channels.status, false)})
    if (!opened)
      return opened;
  return with_info ? open_channel(ours.info, channels.info, false)
                   : result<void>{};
}

} // namespace

run_result launch(const launch_request& request, std::stop_token stop) {
  run_channels channels;
  auto from_bubblewrap =
    request.first_process == first_process_source::bubblewrap;
  if (auto opened = open_channels(channels, from_bubblewrap); !opened)
    return failed_run(run_outcome::sandbox_unavailable, opened.error().message);
  spawn_request child_request;
  child_request.arguments = request.command;
  child_request.environment = request.environment;
  child_request.descriptors = {
    channels.input.number(), channels.output.number(), channels.errors.number(),
    channels.status.number()};
  if (from_bubblewrap)
    child_request.descriptors.push_back(channels.info.number());
  if (request.filter)
    child_request.descriptors.push_back(request.filter->number());
  if (request.group)
    child_request.groups = request.group->join_descriptors();
  child_request.drop_root = request.drop_root;
  auto child = spawn(child_request);
  if (!child)
    return failed_run(run_outcome::sandbox_unavailable, child.error().message);
  // Only the run's own processes hold these ends now, so that their end is
  // seen.
  for (auto* theirs : {&channels.input, &channels.output, &channels.errors,
                       &channels.status, &channels.info})
    theirs->close();
  supervisor watcher{std::move(*child),
                     std::move(channels.ours),
                     {request.input, request.limits, request.first_process,
                      request.process_id_file, request.group}};
  return decide(watcher.watch(std::move(stop)), request.limits,
                request.program_name);
}

execution_limits bounded(execution_limits limits) {
  constexpr milliseconds year{365LL * 24 * 60 * 60 * 1000};
  constexpr auto number_max = std::uint64_t{1} << 62;
  limits.wall_time = std::clamp(limits.wall_time, milliseconds{0}, year);
  limits.cpu_time = std::clamp(limits.cpu_time, milliseconds{0}, year);
  for (auto* number :
       {&limits.memory_bytes, &limits.file_bytes, &limits.work_directory_bytes,
        &limits.stdout_bytes, &limits.stderr_tail_bytes,
        &limits.output_files_bytes, &limits.fuel})
    *number = std::min(*number, number_max);
  return limits;
}

} // namespace artel::sandbox
