// Reads a session command's options one after the other; the first that is
// wrong is told, with its place.
#pragma once

#include "protocol/core/result.hpp"
#include "tools/artel/shell/session.hpp"

#include <optional>
#include <string>
#include <utility>

namespace artel::tools {

class option_reader {
public:
  option_reader(session& in, const arguments& given)
    : session_(in),
      given_(given) {}

  /// Leaves the target alone where the option is not given, or is wrong.
  template <class Parse, class Target>
  void read(const std::string& name, const Parse& parse, Target& target) {
    auto text = given_.value(name);
    if (!text || refused_)
      return;
    auto value = parse(*text);
    if (value)
      target = std::move(*value);
    else
      refuse(value.error(), "--" + name);
  }

  void refuse(const failure& problem, const std::string& option) {
    if (!refused_)
      refused_ = session_.refuse(
        {problem.code, option + ": " + problem.message}, option);
  }

  /// Nothing: all were sound.
  std::optional<exit_code> refused() const { return refused_; }

private:
  session& session_;
  const arguments& given_;
  std::optional<exit_code> refused_;
};

} // namespace artel::tools
