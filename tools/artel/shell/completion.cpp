// What the last word of a line may be: session::complete().
#include "runtime/sim/world.hpp"
#include "tools/artel/command_line.hpp"
#include "tools/artel/shell/figures.hpp"
#include "tools/artel/shell/session.hpp"
#include "tools/artel/shell/world_names.hpp"

#include <algorithm>
#include <array>
#include <system_error>

namespace artel::tools {

namespace {

class completer {
public:
  completer(const sim::world* world, std::vector<std::string> words,
            std::string last)
    : world_(world),
      words_(std::move(words)),
      last_(std::move(last)) {}

  std::vector<std::string> candidates();

private:
  void add(std::string_view word) {
    if (word.starts_with(last_) && word.size() >= last_.size())
      found_.emplace_back(word);
  }
  void complete_from(std::size_t first);
  void add_commands(std::size_t first);
  void add_values(value_kind kind, const std::vector<std::string>& choices);
  void add_arguments(const command_info& command, std::size_t first);
  void add_nodes();
  void add_figures();
  void add_figures_of(const std::string& subject);
  void add_files();

  const sim::world* world_;
  /// Those before the last one.
  std::vector<std::string> words_;
  std::string last_;
  std::vector<std::string> found_;
};

const option_info* find_option(const command_info& command,
                               const std::string& word) {
  for (const auto& one : command.options)
    if (word == "--" + one.name
        || (one.letter != 0 && word == std::string{"-"} + one.letter))
      return &one;
  return nullptr;
}

void completer::add_commands(std::size_t first) {
  if (words_.size() == first)
    for (auto word : first_words(command_scope::session))
      add(word);
  else
    for (auto verb : verbs_of(words_[first], command_scope::session))
      add(verb);
}

void completer::add_nodes() {
  if (world_ == nullptr)
    return;
  // The last one of a list.
  auto comma = last_.rfind(',');
  auto before =
    comma == std::string::npos ? std::string{} : last_.substr(0, comma + 1);
  for (auto name : node_names(*world_))
    add(before + std::string{name});
}

void completer::add_figures_of(const std::string& subject) {
  auto add_all = [&](figure_subject which) {
    for (auto name : figure_names(which))
      add(subject + "." + std::string{name});
  };
  if (auto fixed = fixed_subject(subject))
    add_all(*fixed);
  if (world_ != nullptr && world_->find_node(subject))
    add_all(figure_subject::node);
  if (world_ != nullptr && world_->find_task(subject))
    add_all(figure_subject::task);
}

void completer::add_figures() {
  auto dot = last_.find('.');
  if (dot != std::string::npos)
    return add_figures_of(last_.substr(0, dot));
  for (auto subject : {"credits.", "links.", "clock.", "world."})
    add(subject);
  for (auto word : {"and", "or", "not", "within", "true", "false"})
    add(word);
  if (world_ == nullptr)
    return;
  for (auto name : node_names(*world_))
    add(std::string{name} + ".");
  for (auto name : task_names(*world_))
    add(std::string{name} + ".");
}

void completer::add_files() {
  auto slash = last_.rfind('/');
  auto directory =
    slash == std::string::npos ? std::string{} : last_.substr(0, slash + 1);
  std::error_code error;
  std::filesystem::directory_iterator entries{
    directory.empty() ? std::filesystem::path{"."}
                      : std::filesystem::path{directory},
    error};
  for (; !error && entries != std::filesystem::directory_iterator{};
       entries.increment(error)) {
    auto name = entries->path().filename().string();
    auto is_hidden =
      name.starts_with('.') && !last_.substr(directory.size()).starts_with('.');
    std::error_code unknown;
    if (!is_hidden)
      add(directory + name + (entries->is_directory(unknown) ? "/" : ""));
  }
}

void completer::add_values(value_kind kind,
                           const std::vector<std::string>& choices) {
  for (const auto& one : choices)
    add(one);
  switch (kind) {
    case value_kind::nodes: add_nodes(); break;
    case value_kind::task:
      if (world_ != nullptr)
        for (auto name : task_names(*world_))
          add(name);
      break;
    case value_kind::expression: add_figures(); break;
    case value_kind::file:
    case value_kind::directory: add_files(); break;
    case value_kind::command:
      for (auto word : first_words(command_scope::session))
        add(word);
      break;
    case value_kind::none:
    case value_kind::text:
    case value_kind::choice:
    case value_kind::line: break;
  }
}

void completer::add_arguments(const command_info& command, std::size_t first) {
  if (words_.size() > first)
    if (const auto* option = find_option(command, words_.back());
        option != nullptr && option->kind != value_kind::none)
      return add_values(option->kind, option->choices);
  if (last_.starts_with('-')) {
    for (const auto& option : command.options)
      add("--" + option.name);
    return;
  }
  if (command.positional == value_kind::line) {
    // Behind the time, and 'until' and another time.
    auto start = first + 1;
    if (words_.size() == start && command.name == "every")
      add("until");
    if (words_.size() > start && words_[start] == "until")
      start += 2;
    if (words_.size() >= start)
      complete_from(start);
    return;
  }
  if (command.name == "show" && words_.size() == first)
    for (auto word :
         {"nodes", "jobs", "credits", "reputation", "links", "faults", "world"})
      add(word);
  if (command.name == "net partition" && words_.size() == first + 1)
    return add("from");
  if (command.name == "help" && words_.size() == first + 1) {
    for (auto verb : verbs_of(words_[first], command_scope::session))
      add(verb);
    return;
  }
  add_values(command.positional, {});
}

/// The command begins with that word.
void completer::complete_from(std::size_t first) {
  if (words_.size() <= first)
    return add_commands(first);
  const auto* command = find_command(words_[first], command_scope::session);
  auto name_words = first + 1;
  if (command == nullptr && words_.size() > first + 1) {
    command = find_command(words_[first] + " " + words_[first + 1],
                           command_scope::session);
    name_words = first + 2;
  }
  if (command != nullptr)
    add_arguments(*command, name_words);
  else if (words_.size() == first + 1)
    add_commands(first);
}

std::vector<std::string> completer::candidates() {
  complete_from(0);
  std::sort(found_.begin(), found_.end());
  found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
  return std::move(found_);
}

} // namespace

std::vector<std::string>
session::complete(std::string_view line_up_to_cursor) const {
  // Of a block, the line that is being typed.
  auto line = line_up_to_cursor.substr(line_up_to_cursor.rfind('\n') + 1);
  std::vector<script_word> words;
  script_line whole;
  whole.text = line;
  if (split_words(whole, words))
    return {};
  std::vector<std::string> before;
  for (const auto& one : words)
    before.push_back(one.text);
  std::string last;
  if (!before.empty() && !line.ends_with(' ')) {
    last = std::move(before.back());
    before.pop_back();
  }
  // "(primes" begins with nothing that has a name.
  auto names_start = last.find_first_not_of('(');
  auto opened = last.substr(0, std::min(names_start, last.size()));
  completer complete{world_.get(), std::move(before),
                     last.substr(opened.size())};
  auto found = complete.candidates();
  for (auto& one : found)
    one.insert(0, opened);
  return found;
}

} // namespace artel::tools
