#include "tools/artel/shell/script_line.hpp"

#include "runtime/config/name_suggestion.hpp"

#include <algorithm>

namespace artel::tools {

namespace {

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t';
}

bool is_name_start(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_name_part(char c) noexcept {
  return is_name_start(c) || (c >= '0' && c <= '9');
}

/// What a backslash and the character stand for within double quotes.
char unescaped(char c) noexcept {
  return c == 'n' ? '\n' : c == 't' ? '\t' : c;
}

/// Whether nothing in the value means anything to the language.
bool is_plain(std::string_view value) {
  constexpr std::string_view special = " \t\n\"'\\#$()";
  return !value.empty()
         && value.find_first_of(special) == std::string_view::npos;
}

std::string escaped(std::string_view value) {
  std::string text;
  for (auto c : value) {
    if (c == '"' || c == '\\' || c == '$')
      text += '\\';
    if (c == '\n')
      text += "\\n";
    else
      text += c;
  }
  return text;
}

/// Puts the parts of lines together again that end in a backslash.
class line_reader {
public:
  line_reader(std::string_view text, script_place start)
    : text_(text),
      file_(std::move(start.file)),
      line_(static_cast<std::uint32_t>(start.line)),
      column_(static_cast<std::uint32_t>(start.column)) {}

  bool at_end() const { return done_; }
  /// The last line ends in a backslash, and nothing follows.
  bool is_cut() const { return cut_; }

  script_line next();

private:
  /// Adds what is left of one line of the text; true where it goes on.
  bool add_part(script_line& target);
  void add(script_line& target, char c);

  std::string_view text_;
  std::string file_;
  std::uint32_t line_;
  std::uint32_t column_;
  bool done_ = false;
  bool cut_ = false;
  /// The quote that is open, or 0.
  char quote_ = 0;
};

void line_reader::add(script_line& target, char c) {
  target.text += c;
  target.spots.emplace_back(line_, column_);
  // The further bytes of a character of UTF-8 take no column.
  if ((static_cast<unsigned char>(c) & 0xc0) != 0x80)
    ++column_;
}

bool line_reader::add_part(script_line& target) {
  auto end = std::min(text_.find('\n'), text_.size());
  done_ = end == text_.size();
  auto part = text_.substr(0, end);
  text_.remove_prefix(std::min(end + 1, text_.size()));
  if (part.ends_with('\r'))
    part.remove_suffix(1);
  bool goes_on = false;
  for (std::size_t i = 0; i < part.size() && !goes_on; ++i) {
    auto c = part[i];
    if (quote_ == 0 && c == '#'
        && (target.text.empty() || is_blank(target.text.back())))
      break;
    if (c == '\\' && quote_ != '\'') {
      goes_on = i + 1 == part.size();
      if (goes_on)
        break;
      add(target, c);
      c = part[++i];
    } else if (quote_ == 0 && (c == '"' || c == '\'')) {
      quote_ = c;
    } else if (c == quote_) {
      quote_ = 0;
    }
    add(target, c);
  }
  if (!goes_on)
    target.spots.emplace_back(line_, column_);
  ++line_;
  column_ = 1;
  return goes_on;
}

script_line line_reader::next() {
  script_line line;
  line.file = file_;
  quote_ = 0;
  while (add_part(line)) {
    if (!done_)
      continue;
    cut_ = true;
    line.spots.emplace_back(line_ - 1, column_);
    break;
  }
  return line;
}

/// Adds up blocks.
class block_builder {
public:
  explicit block_builder(parsed_script& target) : target_(target) {}

  void take(script_line line);
  void finish();

private:
  std::vector<script_statement>& innermost() {
    return open_.empty() ? target_.statements : open_.back().body;
  }
  void problem(const script_line& line, const line_mistake& mistake) {
    target_.problems.push_back(
      {line.place_of(mistake.offset), mistake.message});
  }
  void close();

  parsed_script& target_;
  std::vector<script_statement> open_;
};

void block_builder::take(script_line line) {
  std::vector<script_word> words;
  if (auto mistake = split_words(line, words)) {
    problem(line, *mistake);
    return;
  }
  if (words.empty())
    return;
  const auto& first = words.front();
  script_statement statement{std::move(line), false, {}};
  if (!first.quoted && first.text == "repeat") {
    constexpr std::size_t depth_max = 32;
    if (open_.size() >= depth_max)
      problem(statement.line,
              {first.offset, "blocks are nested deeper than 32"});
    statement.is_block = true;
    open_.push_back(std::move(statement));
  } else if (!first.quoted && first.text == "end") {
    if (words.size() > 1)
      problem(statement.line,
              {words[1].offset, "'end' stands alone; expected nothing here"});
    else if (open_.empty())
      problem(statement.line,
              {first.offset, "'end' without a 'repeat' before it"});
    if (!open_.empty())
      close();
  } else {
    innermost().push_back(std::move(statement));
  }
}

void block_builder::close() {
  auto done = std::move(open_.back());
  open_.pop_back();
  innermost().push_back(std::move(done));
}

void block_builder::finish() {
  target_.is_incomplete = target_.is_incomplete || !open_.empty();
  while (!open_.empty()) {
    const auto& line = open_.back().line;
    auto first = std::min(line.text.find_first_not_of(" \t"), line.text.size());
    problem(line, {first, "this 'repeat' has no 'end'"});
    close();
  }
}

} // namespace

std::string to_string(const script_place& place) {
  if (place.file.empty())
    return {};
  return place.file + ":" + std::to_string(place.line) + ":"
         + std::to_string(place.column);
}

script_place script_line::place_of(std::size_t offset) const {
  if (spots.empty())
    return {file, 1, 1};
  auto [line, column] = spots[std::min(offset, spots.size() - 1)];
  return {file, line, column};
}

parsed_script parse_script(std::string_view text, const script_place& start) {
  parsed_script script;
  line_reader lines{text, start};
  block_builder blocks{script};
  while (!lines.at_end())
    blocks.take(lines.next());
  script.is_incomplete = lines.is_cut();
  blocks.finish();
  return script;
}

std::optional<std::string> read_quoted(std::string_view text,
                                       std::size_t& offset) {
  auto quote = text[offset++];
  std::string value;
  for (; offset < text.size(); ++offset) {
    auto c = text[offset];
    if (c == quote) {
      ++offset;
      return value;
    }
    if (c == '\\' && quote == '"' && offset + 1 < text.size())
      value += unescaped(text[++offset]);
    else
      value += c;
  }
  return std::nullopt;
}

std::optional<line_mistake> split_words(const script_line& line,
                                        std::vector<script_word>& words) {
  std::string_view text = line.text;
  std::size_t i = 0;
  for (;;) {
    while (i < text.size() && is_blank(text[i]))
      ++i;
    if (i == text.size())
      return std::nullopt;
    script_word word;
    word.offset = i;
    while (i < text.size() && !is_blank(text[i])) {
      auto c = text[i];
      if (c == '"' || c == '\'') {
        auto start = i;
        auto quoted = read_quoted(text, i);
        if (!quoted)
          return line_mistake{start, std::string{"this "} + c
                                       + " is not closed; expected another one"
                                         " before the end of the line"};
        word.text += *quoted;
        word.quoted = true;
        continue;
      }
      if (c == '\\' && i + 1 < text.size())
        c = text[++i];
      word.text += c;
      ++i;
    }
    word.end = i;
    words.push_back(std::move(word));
  }
}

bool is_variable_name(std::string_view name) {
  return !name.empty() && is_name_start(name.front())
         && std::all_of(name.begin(), name.end(), is_name_part);
}

namespace {

/// The name that begins at the '$', and how long all of it is; 0: none.
std::size_t variable_at(std::string_view text, std::string& name) {
  bool braced = text.size() > 1 && text[1] == '{';
  std::size_t start = braced ? 2 : 1;
  auto end = start;
  while (end < text.size() && is_name_part(text[end]))
    ++end;
  name = text.substr(start, end - start);
  if (!is_variable_name(name)
      || (braced && (end == text.size() || text[end] != '}')))
    return 0;
  return braced ? end + 1 : end;
}

line_mistake unknown_variable(std::size_t offset, const std::string& name,
                              const std::map<std::string, std::string>& known) {
  std::vector<std::string_view> names;
  for (const auto& one : known)
    names.emplace_back(one.first);
  return {offset, "there is no variable '" + name + "'"
                    + runtime::did_you_mean(name, names) + " ('set " + name
                    + " = VALUE' makes it)"};
}

} // namespace

std::optional<line_mistake>
substitute(script_line& line,
           const std::map<std::string, std::string>& variables) {
  if (line.text.find('$') == std::string::npos)
    return std::nullopt;
  script_line made;
  made.file = line.file;
  char quote = 0;
  for (std::size_t i = 0; i < line.text.size();) {
    auto c = line.text[i];
    if (c == '$' && quote != '\'') {
      std::string name;
      auto length = variable_at(std::string_view{line.text}.substr(i), name);
      if (length == 0)
        return line_mistake{
          i, "expected a variable's name after '$'; '\\$' is a dollar sign"};
      auto found = variables.find(name);
      if (found == variables.end())
        return unknown_variable(i, name, variables);
      const auto& value = found->second;
      auto inserted = quote != 0        ? escaped(value)
                      : is_plain(value) ? value
                                        : '"' + escaped(value) + '"';
      made.text += inserted;
      made.spots.insert(made.spots.end(), inserted.size(), line.spots[i]);
      i += length;
      continue;
    }
    if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (c == quote)
      quote = 0;
    bool takes_next = c == '\\' && quote != '\'' && i + 1 < line.text.size();
    for (std::size_t n = 0; n < (takes_next ? 2u : 1u); ++n, ++i) {
      made.text += line.text[i];
      made.spots.push_back(line.spots[i]);
    }
  }
  made.spots.push_back(line.spots.back());
  line = std::move(made);
  return std::nullopt;
}

} // namespace artel::tools
