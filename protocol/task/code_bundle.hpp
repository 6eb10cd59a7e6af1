// The code of a task: a main program, further files, arguments and standard
// input. Content-addressed: its hash names it on every node.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/wire/fields.hpp"

#include <string>
#include <vector>

namespace artel {

struct bundle_file {
  static constexpr std::string_view type_name = "bundle_file";

  /// Relative, '/'-separated, without "." or ".." parts.
  std::string name;
  bool executable = false;
  bytes data;

  bool operator==(const bundle_file&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("name", self.name);
    visit("executable", self.executable);
    visit("data", self.data);
  }
};

struct code_bundle {
  static constexpr std::string_view type_name = "code_bundle";

  /// Either the name of one of `files`, or an absolute path below /usr (or
  /// /bin, /lib...), which is run from the worker's own system; with a rootfs,
  /// any absolute path in that.
  std::string main;
  /// Sorted by name, each name once. Names appear read-only in the directory
  /// the program is started from, which itself is writable and empty otherwise.
  std::vector<bundle_file> files;
  /// Argument templates: {first}, {last}, {file}, {index} are replaced by the
  /// job's own values; "{{" and "}}" stand for braces.
  std::vector<std::string> arguments;
  /// Fed to the program's standard input where the job has no data of its own,
  /// or where the job's data is passed as a {file} argument.
  bytes standard_input;
  /// For containers: the name of a file of the bundle, a tar (plain or gzip)
  /// of the root file system. Empty: the worker's own /usr.
  std::string rootfs;

  bool operator==(const code_bundle&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("main", self.main);
    visit("files", self.files);
    visit("arguments", self.arguments);
    visit("standard_input", self.standard_input);
    visit("rootfs", self.rootfs);
  }
};

/// Checks names, limits, order and that main is present; says what is wrong.
result<void> validate(const code_bundle& bundle);

/// blob_id() of the canonical encoding: a bundle travels as a blob.
hash256 hash_of(const code_bundle& bundle);

/// The canonical encoding, and its strict inverse (checks validate() too).
bytes encode_bundle(const code_bundle& bundle);
result<code_bundle> decode_bundle(bytes_view data);

/// Whether some argument template names {file}: then a job's data is put in a
/// file; otherwise it comes on standard input.
bool takes_file_argument(const code_bundle& bundle);

} // namespace artel
