// A session's dealings with its world: time, what is put off, what is broken.
#include "tools/artel/console.hpp"
#include "tools/artel/shell/figure_value.hpp"
#include "tools/artel/shell/session.hpp"
#include "tools/artel/shell/session_frame.hpp"
#include "tools/artel/shell/trace_recorder.hpp"

#include "runtime/sim/world.hpp"

#include <array>
#include <utility>

namespace artel::tools {

namespace {

/// "51,234"
std::string grouped(std::uint64_t number) {
  auto digits = std::to_string(number);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0)
      text += ',';
    text += digits[i];
  }
  return text;
}

std::string_view level_text(log_level level) {
  switch (level) {
    case log_level::debug: return "debug";
    case log_level::info: return "info";
    case log_level::warning: return "warning";
    case log_level::error: return "error";
  }
  return "log";
}

/// A line for --log; empty: none.
std::string log_text(const sim::world& world, const sim::trace_record& record) {
  if (const auto* fault = std::get_if<sim::fault_record>(&record)) {
    auto text = std::string{to_string(fault->kind)};
    if (fault->node != sim::no_node && fault->node < world.node_count())
      text += " " + world.node(fault->node).options.name;
    return fault->text.empty() ? text : text + ": " + fault->text;
  }
  const auto* told = std::get_if<sim::event_record>(&record);
  if (told == nullptr || told->what == nullptr)
    return {};
  const auto* logged = std::get_if<node_logged>(told->what);
  if (logged == nullptr)
    return {};
  return logged->node_name + " " + std::string{level_text(logged->level)} + ": "
         + logged->message;
}

} // namespace

/// A command that time brings, with its line as it was.
struct session::later_command {
  script_line line;
  std::size_t first_word = 0;
  microseconds period{0};
  microseconds last{0};
};

// -- the world ----------------------------------------------------------------

sim::world& session::need_world() {
  if (world_ == nullptr)
    make_world({});
  return *world_;
}

void session::make_world(sim::world_options options) {
  if (options_.seed)
    options.seed = *options_.seed;
  if (trace_ != nullptr && world_ != nullptr)
    static_cast<void>(trace_->finish().ok());
  world_.reset();
  due_.clear();
  partitions_.clear();
  refused_tasks_.clear();
  violations_told_ = 0;
  world_ = std::make_unique<sim::world>(std::move(options));
  if (trace_ != nullptr && !trace_->attach(*world_))
    tell_at({}, "note: the trace holds the first world alone");
  // The world's own loops look at a token alone.
  world_->listen([this](microseconds, const sim::trace_record&) {
    if (later_failure_ || is_interrupted())
      stop_.request_stop();
  });
  if (options_.log)
    log_world();
}

std::vector<std::uint64_t>
session::take_partitions(const std::set<sim::node_index>& side) {
  std::vector<std::uint64_t> taken;
  auto [first, last] = partitions_.equal_range(side);
  for (auto it = first; it != last; ++it)
    taken.push_back(it->second);
  partitions_.erase(first, last);
  return taken;
}

void session::log_world() {
  world_->listen([this, world = world_.get()](microseconds when,
                                              const sim::trace_record& record) {
    auto text = log_text(*world, record);
    if (!text.empty())
      options_.err << "[" << span_text(when) << "] " << printable(text) << '\n';
  });
}

result<void> session::trace_to(const std::filesystem::path& path) {
  auto made = trace_recorder::create(path);
  if (!made)
    return made.error();
  trace_ = std::move(*made);
  if (world_ != nullptr)
    trace_->attach(*world_);
  return {};
}

result<void> session::finish_trace() {
  return trace_ == nullptr ? result<void>{} : trace_->finish();
}

std::string session::summary() const {
  auto text = grouped(expectations_)
              + (expectations_ == 1 ? " expectation" : " expectations");
  if (world_ == nullptr)
    return text + ", no world";
  return text + ", " + span_text(world_->elapsed()) + " simulated, "
         + grouped(world_->steps()) + " steps, trace " + world_->trace_hash();
}

// -- time ---------------------------------------------------------------------

bool session::is_interrupted() const {
  return interrupted_.load() || (guard_ && guard_->token().stop_requested());
}

exit_code session::drive(microseconds span,
                         const std::function<bool()>& until) {
  auto stop = [this, &until] {
    return later_failure_ || is_interrupted() || (until && until());
  };
  auto ended = need_world().run_until(stop, span);
  return after_driving(static_cast<int>(ended), static_cast<bool>(until));
}

exit_code session::settle(microseconds bound) {
  auto ended = need_world().settle(bound, stop_.get_token());
  return after_driving(static_cast<int>(ended), true);
}

exit_code session::after_driving(int how_it_ended, bool has_condition) {
  if (later_failure_) {
    auto code = *later_failure_;
    later_failure_.reset();
    return code;
  }
  if (is_interrupted())
    return refuse_with(exit_code::interrupted,
                       "interrupted at " + span_text(world_->elapsed()));
  switch (static_cast<sim::drive_end>(how_it_ended)) {
    case sim::drive_end::reached: return exit_code::done;
    case sim::drive_end::timed_out:
      return has_condition ? exit_code::timed_out : exit_code::done;
    case sim::drive_end::violated: return tell_broken_world();
    case sim::drive_end::interrupted:
      return refuse_with(exit_code::interrupted,
                         "interrupted at " + span_text(world_->elapsed()));
    case sim::drive_end::step_limit: break;
  }
  return refuse_with(exit_code::failure,
                     "the world came to its limit of "
                       + grouped(world_->options().step_limit) + " steps at "
                       + span_text(world_->elapsed())
                       + "; 'world --steps N' raises it");
}

exit_code session::tell_violations() {
  if (world_ == nullptr || violations_told_ >= world_->violations().size())
    return exit_code::done;
  for (; violations_told_ < world_->violations().size(); ++violations_told_)
    refuse_with(exit_code::check_failed,
                "a rule of the world is broken: "
                  + to_string(world_->violations()[violations_told_])
                  + "; seed " + std::to_string(world_->options().seed));
  return exit_code::check_failed;
}

exit_code session::tell_broken_world() {
  if (auto code = tell_violations(); code != exit_code::done)
    return code;
  return refuse_with(exit_code::check_failed,
                     "a rule of this world is broken, and its time stands"
                     " still; 'world' makes a new one");
}

// -- what is put off ----------------------------------------------------------

exit_code session::check_later(std::size_t first_word) {
  constexpr std::array<std::string_view, 8> not_later{
    "run", "wait", "settle", "repeat", "end", "include", "quit", "world"};
  const auto& word = words_[first_word];
  for (auto one : not_later)
    if (word.text == one)
      return refuse_at(word.offset, exit_code::invalid_input,
                       "'" + word.text
                         + "' can't be put off; expected a command that acts at"
                           " once");
  auto line = *line_;
  auto words = words_;
  command_frame frame{*this, line};
  words_ = std::move(words);
  scheduled_ = true;
  return run_command(first_word);
}

void session::run_later(std::size_t first_word, microseconds when,
                        microseconds period, microseconds last) {
  auto what = std::make_shared<later_command>();
  what->line = *line_;
  what->first_word = first_word;
  what->period = period;
  what->last = last;
  if (period.count() == 0)
    due_.emplace(when, to_string(line_->place_of(words_[first_word].offset)));
  add_to_agenda(what, when);
}

void session::add_to_agenda(const std::shared_ptr<const later_command>& what,
                            microseconds when) {
  world_->at(when, [this, what] { run_at_its_time(what); });
}

void session::run_at_its_time(
  const std::shared_ptr<const later_command>& what) {
  if (later_failure_)
    return;
  command_frame frame{*this, what->line};
  // The line was split before without a mistake.
  static_cast<void>(split_words(what->line, words_));
  scheduled_ = true;
  if (what->period.count() == 0) {
    auto place = what->line.place_of(words_[what->first_word].offset);
    auto found = due_.find({world_->elapsed(), to_string(place)});
    if (found != due_.end())
      due_.erase(found);
  }
  auto code = run_command(what->first_word);
  if (code != exit_code::done)
    later_failure_ = code;
  auto next = world_->elapsed() + what->period;
  if (what->period.count() > 0 && next <= what->last && code == exit_code::done)
    add_to_agenda(what, next);
}

} // namespace artel::tools
