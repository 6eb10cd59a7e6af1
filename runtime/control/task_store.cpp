#include "runtime/control/task_store.hpp"

#include "runtime/launch/durable_file.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t summary_bytes_max = 1u << 20;
constexpr std::string_view fresh_prefix = ".new-";

std::uint64_t size_of(const fs::path& directory) {
  std::uint64_t sum = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it{directory, error}, end;
       !error && it != end; it.increment(error)) {
    std::error_code unreadable;
    if (it->is_regular_file(unreadable))
      sum += it->file_size(unreadable);
  }
  return sum;
}

result<task_summary> read_summary_file(const fs::path& path) {
  auto text = read_bounded(path, summary_bytes_max);
  if (!text)
    return text.error();
  auto document = parse_json(*text);
  if (!document)
    return document.error();
  return read_summary(*document);
}

} // namespace

task_store::task_store(fs::path directory, warn_handler warn)
  : directory_(std::move(directory)),
    warn_(std::move(warn)) {
  std::error_code error;
  fs::create_directories(directory_, error);
  if (error)
    warn_("tasks can't be kept in '" + directory_.string()
          + "': " + error.message());
  else
    read_earlier();
}

void task_store::read_earlier() {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator it{directory_, error}, end; !error && it != end;
       it.increment(error))
    found.push_back(it->path());
  for (const auto& path : found) {
    // Begun, and never submitted.
    if (path.filename().string().starts_with(fresh_prefix))
      fs::remove_all(path, error);
    else
      read_one(path);
  }
  remove_oldest();
}

void task_store::read_one(const fs::path& directory) {
  auto id = parse_id<task_id>(directory.filename().string());
  if (!id)
    return;
  auto file = directory / "task.json";
  auto summary = read_summary_file(file);
  if (!summary) {
    warn_("task " + short_name(*id)
          + " can't be read and is left out: " + summary.error().message);
    return;
  }
  summary->task = *id;
  if (!summary->over) {
    summary->over = true;
    summary->state = "lost";
    summary->problem = {errc::unreachable,
                        "lost with the daemon, which ended before it"};
    auto kept = replace_durably(file, document_of(summary_json(*summary)));
    if (!kept)
      warn_(kept.error().message);
  }
  over_[*id] = {std::move(*summary), size_of(directory)};
}

/// The caller has the lock, or is the only one.
void task_store::remove_oldest() {
  std::uint64_t bytes = 0;
  for (const auto& [id, one] : over_)
    bytes += one.bytes;
  while (over_.size() > tasks_max || (bytes > bytes_max && over_.size() > 1)) {
    auto oldest = std::min_element(
      over_.begin(), over_.end(), [](const auto& a, const auto& b) {
        return a.second.summary.submitted < b.second.summary.submitted;
      });
    bytes -= oldest->second.bytes;
    std::error_code error;
    fs::remove_all(directory_of(oldest->first), error);
    over_.erase(oldest);
  }
}

result<std::shared_ptr<kept_task>>
task_store::begin(task_description task, submission given, wall_time now) {
  std::lock_guard guard{mutex_};
  if (running_.size() + beginning_.size() >= running_max)
    return {errc::refused, std::to_string(running_max)
                             + " tasks run already; wait for one, or stop one"};
  auto fresh =
    directory_ / (std::string{fresh_prefix} + std::to_string(next_new_++));
  std::error_code error;
  fs::create_directory(fresh, error);
  if (error)
    return {errc::system_failure,
            "'" + fresh.string() + "': " + error.message()};
  auto made = kept_task::create(fresh, std::move(task), std::move(given), now);
  if (made)
    beginning_[made->get()] = fresh;
  else
    fs::remove_all(fresh, error);
  return made;
}

result<void> task_store::accept(const std::shared_ptr<kept_task>& task,
                                const task_accepted& answer) {
  std::lock_guard guard{mutex_};
  auto fresh = beginning_.extract(task.get());
  auto directory = directory_of(answer.task);
  auto summary = task->summary();
  summary.task = answer.task;
  auto kept = replace_durably(fresh.mapped() / "task.json",
                              document_of(summary_json(summary)));
  std::error_code error;
  fs::rename(fresh.mapped(), directory, error);
  if (error)
    kept = {errc::system_failure,
            "'" + directory.string() + "': " + error.message()};
  running_[answer.task] = task;
  task->accept(answer, error ? fresh.mapped() : directory);
  return kept;
}

void task_store::drop(const std::shared_ptr<kept_task>& task) {
  std::lock_guard guard{mutex_};
  auto fresh = beginning_.extract(task.get());
  std::error_code error;
  if (!fresh.empty())
    fs::remove_all(fresh.mapped(), error);
}

void task_store::end(const task_id& task) {
  std::lock_guard guard{mutex_};
  auto found = running_.extract(task);
  if (found.empty())
    return;
  over_[task] = {found.mapped()->summary(), size_of(directory_of(task))};
  remove_oldest();
}

result<task_id> task_store::find(std::string_view prefix) const {
  if (prefix.empty()
      || prefix.find_first_not_of("0123456789abcdef") != prefix.npos)
    return {errc::invalid_argument,
            "'" + std::string{prefix.substr(0, 64)}
              + "' is no task; expected the first digits of a task's id, as"
                " 'artel job list' shows them"};
  std::lock_guard guard{mutex_};
  std::vector<task_id> found;
  for (const auto& [id, one] : running_)
    if (to_string(id).starts_with(prefix))
      found.push_back(id);
  for (const auto& [id, one] : over_)
    if (to_string(id).starts_with(prefix))
      found.push_back(id);
  if (found.empty())
    return {errc::not_found,
            "no task of this node begins with '" + std::string{prefix} + "'"};
  if (found.size() > 1)
    return {errc::invalid_argument,
            std::to_string(found.size()) + " tasks begin with '"
              + std::string{prefix} + "'; expected more of the id"};
  return found.front();
}

std::shared_ptr<kept_task> task_store::running(const task_id& task) const {
  std::lock_guard guard{mutex_};
  auto found = running_.find(task);
  return found == running_.end() ? nullptr : found->second;
}

result<task_summary> task_store::summary(const task_id& task) const {
  std::lock_guard guard{mutex_};
  if (auto found = running_.find(task); found != running_.end())
    return found->second->summary();
  if (auto found = over_.find(task); found != over_.end())
    return found->second.summary;
  return {errc::not_found, "task " + short_name(task)
                             + " is not there any"
                               " more"};
}

fs::path task_store::directory_of(const task_id& task) const {
  return directory_ / to_string(task);
}

std::vector<task_summary> task_store::list() const {
  std::vector<task_summary> all;
  {
    std::lock_guard guard{mutex_};
    for (const auto& [id, one] : running_)
      all.push_back(one->summary());
    for (const auto& [id, one] : over_)
      all.push_back(one.summary);
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return std::pair{b.submitted, b.task} < std::pair{a.submitted, a.task};
  });
  return all;
}

std::size_t task_store::running_count() const {
  std::lock_guard guard{mutex_};
  return running_.size();
}

} // namespace artel::runtime
