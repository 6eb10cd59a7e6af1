#include "tools/artel/shell/session.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/sim/world.hpp"
#include "tools/artel/command_line.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/shell/figure_value.hpp"
#include "tools/artel/shell/option_values.hpp"
#include "tools/artel/shell/session_frame.hpp"
#include "tools/artel/shell/trace_recorder.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace artel::tools {

namespace {

constexpr std::size_t script_bytes_max = std::size_t{16} << 20;
constexpr std::size_t include_depth_max = 32;
constexpr std::uint64_t repeat_max = 1'000'000;

result<std::string> read_script(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error))
    return {errc::invalid_argument, artel::quoted(path.string())
                                      + " is a directory; expected a script"};
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return {errc::not_found, "cannot read the script "
                               + artel::quoted(path.string()) + ": "
                               + std::generic_category().message(errno)};
  std::string text;
  char buffer[4096];
  while (file.read(buffer, sizeof buffer) || file.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(file.gcount()));
    if (text.size() > script_bytes_max)
      return {errc::limit_exceeded,
              artel::quoted(path.string()) + " is larger than 16 MiB"};
  }
  return text;
}

std::filesystem::path real_path(const std::filesystem::path& path) {
  std::error_code error;
  auto made = std::filesystem::weakly_canonical(path, error);
  return error ? path : made;
}

/// Of the command's name.
std::size_t word_count(std::string_view name) {
  return 1
         + static_cast<std::size_t>(std::count(name.begin(), name.end(), ' '));
}

} // namespace

session::session(session_options options)
  : options_(std::move(options)),
    variables_(options_.variables) {
}

session::~session() {
  // While the world is there that it is about.
  static_cast<void>(finish_trace().ok());
}

// -- what the prompt and the terminal call ------------------------------------

exit_code session::run_guarded(const std::function<exit_code()>& what) {
  interrupted_.store(false);
  stop_ = std::stop_source{};
  later_failure_.reset();
  if (options_.guard_interrupts && !guard_)
    guard_.emplace("ending the script");
  auto code = what();
  guard_.reset();
  options_.out.flush();
  return code;
}

exit_code session::run_line(std::string_view line, const script_place& place) {
  return run_guarded([&] { return run_text(line, place); });
}

exit_code session::run_file(const std::filesystem::path& path) {
  auto text = read_script(path);
  if (!text) {
    tell_at({}, text.error().message);
    return exit_code_of(text.error().code);
  }
  files_.push_back(path);
  auto code = run_guarded([&] {
    return run_text(*text, {path.string(), 1, 1});
  });
  files_.pop_back();
  if (code == exit_code::done)
    tell_forgotten();
  return code;
}

exit_code session::run_stream(std::istream& from, const std::string& name) {
  std::string text{std::istreambuf_iterator<char>{from},
                   std::istreambuf_iterator<char>{}};
  auto code = run_guarded([&] { return run_text(text, {name, 1, 1}); });
  if (code == exit_code::done)
    tell_forgotten();
  return code;
}

bool session::is_incomplete(std::string_view text) const {
  return parse_script(text, {}).is_incomplete;
}

// -- scripts ------------------------------------------------------------------

exit_code session::run_text(std::string_view text, const script_place& start) {
  auto script = parse_script(text, start);
  checking_ = true;
  auto before = variables_;
  auto code = run_script(script);
  variables_ = std::move(before);
  checking_ = false;
  return code == exit_code::done ? run_statements(script.statements) : code;
}

/// With what is wrong with it as a text.
exit_code session::run_script(const parsed_script& script) {
  if (checking_)
    for (const auto& problem : script.problems)
      tell_at(problem.place, problem.message);
  auto code = run_statements(script.statements);
  return !checking_ || script.problems.empty() ? code
                                               : exit_code::invalid_input;
}

exit_code
session::run_statements(const std::vector<script_statement>& statements) {
  auto first = exit_code::done;
  for (const auto& statement : statements) {
    if (!checking_ && is_interrupted()) {
      tell_at(statement.line.place_of(0), "interrupted");
      return exit_code::interrupted;
    }
    auto code = run_statement(statement);
    if (wants_to_leave_)
      return code;
    if (code == exit_code::done)
      continue;
    // All that is wrong is told at once.
    if (!checking_)
      return code;
    if (first == exit_code::done)
      first = code;
  }
  return first;
}

exit_code session::run_statement(const script_statement& statement) {
  auto line = statement.line;
  command_frame frame{*this, line};
  if (auto mistake = substitute(line, variables_))
    return refuse_at(mistake->offset, exit_code::invalid_input,
                     mistake->message);
  if (auto mistake = split_words(line, words_))
    return refuse_at(mistake->offset, exit_code::invalid_input,
                     mistake->message);
  return statement.is_block ? run_repeat(statement) : run_command(0);
}

exit_code session::run_repeat(const script_statement& statement) {
  first_argument_ = 1;
  auto usage = "; usage: repeat N [as NAME]";
  if (words_.size() < 2)
    return refuse_with(exit_code::invalid_input,
                       std::string{"'repeat' lacks how often"} + usage);
  auto times = parse_count(words_[1].text, 0, repeat_max);
  if (!times)
    return refuse(times.error(), words_[1].text);
  std::string counter;
  if (words_.size() == 4 && words_[2].text == "as"
      && is_variable_name(words_[3].text))
    counter = words_[3].text;
  else if (words_.size() > 2)
    return refuse_at(words_[2].offset, exit_code::invalid_input,
                     std::string{"expected the end of the line, or 'as' and the"
                                 " name of a variable that counts"}
                       + usage);
  return run_body(statement, *times, counter);
}

exit_code session::run_body(const script_statement& statement,
                            std::uint64_t times, const std::string& counter) {
  for (std::uint64_t i = 1; i <= (checking_ ? 1 : times); ++i) {
    if (!counter.empty())
      set_variable(counter, std::to_string(i));
    auto code = run_statements(statement.body);
    if (code != exit_code::done || wants_to_leave_)
      return code;
    if (!checking_ && is_interrupted()) {
      tell_at(statement.line.place_of(0), "interrupted");
      return exit_code::interrupted;
    }
  }
  return exit_code::done;
}

exit_code session::include(const std::string& file) {
  auto base =
    files_.empty() ? std::filesystem::path{} : files_.back().parent_path();
  auto path = (base / file).lexically_normal();
  if (is_being_read(path))
    return refuse_with(exit_code::invalid_input,
                       artel::quoted(file)
                         + " is being read already: it includes"
                           " itself",
                       file);
  if (files_.size() >= include_depth_max)
    return refuse_with(exit_code::invalid_input,
                       "files include each other more than 32 deep", file);
  auto text = read_script(path);
  if (!text)
    return refuse(text.error(), file);
  files_.push_back(path);
  auto code = run_script(parse_script(*text, {path.string(), 1, 1}));
  files_.pop_back();
  return code;
}

bool session::is_being_read(const std::filesystem::path& path) const {
  auto wanted = real_path(path);
  return std::any_of(files_.begin(), files_.end(),
                     [&](const auto& one) { return real_path(one) == wanted; });
}

// -- commands -----------------------------------------------------------------

exit_code session::run_command(std::size_t first_word) {
  std::vector<std::string> words;
  for (auto i = first_word; i < words_.size(); ++i)
    words.push_back(words_[i].text);
  command_word_ = first_word;
  first_argument_ = first_word + 1;
  std::size_t wrong = 0;
  auto parsed = parse_command_line(words, command_scope::session, &wrong);
  if (!parsed)
    return refuse_at(words_[first_word + wrong].offset,
                     exit_code::invalid_input, parsed.error().message);
  const auto& command = *parsed->command;
  first_argument_ = first_word + word_count(command.name);
  auto code = command.run_in_session != nullptr
                ? command.run_in_session(*this, parsed->given)
                : run_ordinary(command, parsed->given);
  if (code == exit_code::done && !checking_ && !scheduled_)
    code = tell_violations();
  return code;
}

exit_code session::run_ordinary(const command_info& command,
                                const arguments& given) {
  if (checking_)
    return exit_code::done;
  options_.out.flush();
  // It has a guard of its own.
  auto is_guarded = guard_.has_value();
  guard_.reset();
  auto code = finish_output(command.run(given));
  if (is_guarded)
    guard_.emplace("ending the script");
  return code;
}

void session::set_variable(const std::string& name, const std::string& value) {
  if (!options_.variables.contains(name))
    variables_[name] = value;
}

std::string session::find_path(const std::string& path) const {
  std::error_code error;
  if (files_.empty() || std::filesystem::exists(path, error))
    return path;
  auto beside = files_.back().parent_path() / path;
  return std::filesystem::exists(beside, error) ? beside.string() : path;
}

// -- messages -----------------------------------------------------------------

std::size_t session::offset_of(std::string_view about) const {
  if (words_.empty())
    return 0;
  auto start = words_[std::min(command_word_, words_.size() - 1)].offset;
  if (about.empty())
    return start;
  for (auto i = first_argument_; i < words_.size(); ++i)
    if (words_[i].text == about
        || words_[i].text.starts_with(std::string{about} + "="))
      return words_[i].offset;
  for (auto i = first_argument_; i < words_.size(); ++i) {
    auto within = words_[i].text.find(about);
    if (within != std::string::npos)
      return words_[i].offset + (words_[i].quoted ? 0 : within);
  }
  return start;
}

exit_code session::refuse(const failure& problem, std::string_view about) {
  if (problem.code == errc::invalid_state && scheduled_ && !checking_) {
    note(problem.message);
    return exit_code::done;
  }
  auto code = problem.code == errc::invalid_state ? exit_code::invalid_input
                                                  : exit_code_of(problem.code);
  return refuse_with(code, problem.message, about);
}

exit_code session::refuse_with(exit_code code, const std::string& message,
                               std::string_view about) {
  return refuse_at(offset_of(about), code, message);
}

exit_code session::refuse_at(std::size_t offset, exit_code code,
                             const std::string& message) {
  tell_at(line_->place_of(offset), message);
  return code;
}

void session::note(const std::string& message) {
  tell_at(line_->place_of(offset_of({})), "note: " + message);
}

void session::tell_at(const script_place& place, const std::string& message) {
  options_.out.flush();
  auto where = to_string(place);
  options_.err << (where.empty() ? "artel" : printable(where)) << ": "
               << printable(message) << '\n';
  options_.err.flush();
}

void session::tell_forgotten() {
  if (due_.empty() || world_ == nullptr)
    return;
  const auto& [when, where] = *due_.begin();
  tell_at({}, "note: the script ended at " + span_text(world_->elapsed()) + ", "
                + (due_.size() == 1
                     ? std::string{"before a command"}
                     : "before " + std::to_string(due_.size()) + " commands")
                + " that 'at' put off: " + where + " at " + span_text(when));
  due_.clear();
}

} // namespace artel::tools
