// What a session keeps about the command that it runs, put aside while another
// one runs within it. Private to the session.
#pragma once

#include "tools/artel/shell/session.hpp"

#include <utility>

namespace artel::tools {

/// While it lives, the line is the current one.
class session::command_frame {
public:
  command_frame(session& of, const script_line& line)
    : session_(of),
      line_(std::exchange(of.line_, &line)),
      words_(std::exchange(of.words_, {})),
      command_word_(std::exchange(of.command_word_, 0)),
      first_argument_(std::exchange(of.first_argument_, 0)),
      scheduled_(of.scheduled_) {}
  command_frame(const command_frame&) = delete;
  command_frame& operator=(const command_frame&) = delete;
  ~command_frame() {
    session_.line_ = line_;
    session_.words_ = std::move(words_);
    session_.command_word_ = command_word_;
    session_.first_argument_ = first_argument_;
    session_.scheduled_ = scheduled_;
  }

private:
  session& session_;
  const script_line* line_;
  std::vector<script_word> words_;
  std::size_t command_word_;
  std::size_t first_argument_;
  bool scheduled_;
};

} // namespace artel::tools
