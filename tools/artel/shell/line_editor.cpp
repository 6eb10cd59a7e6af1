#include "tools/artel/shell/line_editor.hpp"

#include <algorithm>
#include <cerrno>
#include <clocale>
#include <cstdio>
#include <utility>

#include <histedit.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace artel::tools {

namespace {

/// How much of a candidate stands at the end of the line already.
std::size_t typed_part(std::string_view line, std::string_view candidate) {
  auto length = std::min(line.size(), candidate.size());
  while (!line.ends_with(candidate.substr(0, length)))
    --length;
  return length;
}

std::size_t common_start(std::string_view a, std::string_view b) {
  auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(end.first - a.begin());
}

bool goes_on(std::string_view word) {
  return word.ends_with('/') || word.ends_with('.') || word.ends_with('=');
}

std::size_t columns_of(std::FILE* terminal) {
  winsize size{};
  constexpr std::size_t columns_default = 80;
  if (::ioctl(::fileno(terminal), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return columns_default;
  return size.ws_col;
}

} // namespace

completion choose_completion(std::string_view line_up_to_cursor,
                             const std::vector<std::string>& candidates) {
  completion result;
  if (candidates.empty())
    return result;
  std::string_view first = candidates.front();
  auto common = first.size();
  for (const auto& one : candidates)
    common = std::min(common, common_start(first, one));
  auto typed = typed_part(line_up_to_cursor, first);
  if (common > typed)
    result.insertion = first.substr(typed, common - typed);
  if (candidates.size() == 1) {
    if (!goes_on(first))
      result.insertion += ' ';
  } else if (result.insertion.empty()) {
    result.choices = candidates;
  }
  return result;
}

std::string choices_text(const std::vector<std::string>& choices,
                         std::size_t columns) {
  constexpr std::size_t choices_max = 100;
  constexpr std::size_t gap = 2;
  auto count = std::min(choices.size(), choices_max);
  std::size_t width = 1;
  for (std::size_t i = 0; i < count; ++i)
    width = std::max(width, choices[i].size());
  auto per_line = std::max<std::size_t>((columns + gap) / (width + gap), 1);
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += choices[i];
    auto is_last = (i + 1) % per_line == 0 || i + 1 == count;
    text += is_last ? "\n" : std::string(width - choices[i].size() + gap, ' ');
  }
  if (choices.size() > count)
    text += "... and " + std::to_string(choices.size() - count) + " more\n";
  return text;
}

struct line_editor::state {
  completer complete;
  std::string prompt;
  std::FILE* output = nullptr;
  EditLine* editor = nullptr;
  History* history = nullptr;

  static state& of(EditLine* editor) {
    void* data = nullptr;
    ::el_get(editor, EL_CLIENTDATA, &data);
    return *static_cast<state*>(data);
  }

  // What libedit calls back.

  static char* show_prompt(EditLine* editor) {
    return of(editor).prompt.data();
  }

  static unsigned char on_tab(EditLine* editor, int) {
    auto& self = of(editor);
    const auto* line = ::el_line(editor);
    std::string typed(line->buffer, line->cursor);
    auto what = choose_completion(typed, self.complete(typed));
    if (!what.insertion.empty())
      return ::el_insertstr(editor, what.insertion.c_str()) == 0 ? CC_REFRESH
                                                                 : CC_ERROR;
    if (what.choices.empty())
      return CC_ERROR;
    auto list = "\n" + choices_text(what.choices, columns_of(self.output));
    std::fputs(list.c_str(), self.output);
    return CC_REDISPLAY;
  }
};

line_editor::line_editor(completer complete, std::size_t history_lines)
  : state_(std::make_unique<state>()) {
  // The encoding of what is typed; numbers and the like stay as they are.
  std::setlocale(LC_CTYPE, "");
  state_->complete = std::move(complete);
  state_->output = ::isatty(STDOUT_FILENO) != 0 ? stdout : stderr;
  state_->editor = ::el_init("artel", stdin, state_->output, stderr);
  auto* editor = state_->editor;
  ::el_set(editor, EL_CLIENTDATA, state_.get());
  ::el_set(editor, EL_PROMPT, state::show_prompt);
  ::el_set(editor, EL_EDITOR, "emacs");
  // The terminal is as it was whenever a signal stops or ends the process.
  ::el_set(editor, EL_SIGNAL, 1);
  state_->history = ::history_init();
  HistEvent event{};
  ::history(state_->history, &event, H_SETSIZE,
            static_cast<int>(history_lines));
  ::history(state_->history, &event, H_SETUNIQUE, 1);
  ::el_set(editor, EL_HIST, ::history, state_->history);
  ::el_set(editor, EL_ADDFN, "artel-complete", "complete the word",
           state::on_tab);
  ::el_set(editor, EL_BIND, "^I", "artel-complete", nullptr);
  ::el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  // Keys of this user's own.
  ::el_source(editor, nullptr);
}

line_editor::~line_editor() {
  ::el_end(state_->editor);
  ::history_end(state_->history);
}

typed_line line_editor::read(const std::string& prompt) {
  state_->prompt = prompt;
  int count = 0;
  errno = 0;
  const char* line = ::el_gets(state_->editor, &count);
  if (line == nullptr || count <= 0)
    return {count < 0 && errno == EINTR ? input_end::interrupted
                                        : input_end::closed,
            {}};
  std::string_view text{line};
  while (text.ends_with('\n') || text.ends_with('\r'))
    text.remove_suffix(1);
  return {input_end::line, std::string{text}};
}

void line_editor::remember(const std::string& line) {
  HistEvent event{};
  ::history(state_->history, &event, H_ENTER, line.c_str());
}

} // namespace artel::tools
