// A session whose output is kept.
#pragma once

#include "tools/artel/shell/session.hpp"

#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

namespace artel::tools::test {

class script_run {
  std::ostringstream out_;
  std::ostringstream err_;

  static session_options options_of(std::ostream& out, std::ostream& err,
                                    std::map<std::string, std::string> set,
                                    std::optional<std::uint64_t> seed) {
    session_options options{.out = out, .err = err};
    options.variables = std::move(set);
    options.seed = seed;
    return options;
  }

public:
  explicit script_run(std::map<std::string, std::string> set = {},
                      std::optional<std::uint64_t> seed = {})
    : session(options_of(out_, err_, std::move(set), seed)) {}

  /// Runs it as a script "t.artel"; what was written before is forgotten.
  exit_code operator()(const std::string& text) {
    out_.str({});
    err_.str({});
    std::istringstream from{text};
    return session.run_stream(from, "t.artel");
  }

  std::string out() const { return out_.str(); }
  std::string err() const { return err_.str(); }

  tools::session session;
};

} // namespace artel::tools::test
