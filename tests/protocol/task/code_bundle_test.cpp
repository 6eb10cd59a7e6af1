#include "protocol/task/code_bundle.hpp"

#include "protocol/task/blob.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/identity/hash.hpp"
#include "protocol/wire/codec.hpp"

#include <doctest/doctest.h>

using namespace artel;

namespace {

code_bundle sound_bundle() {
  code_bundle bundle;
  bundle.main = "main";
  bundle.files = {{"data/table", false, to_bytes("1 2 3")},
                  {"main", true, to_bytes("#!/bin/sh\n")}};
  bundle.arguments = {"--from={first}", "{last}"};
  return bundle;
}

failure refusal(const code_bundle& bundle) {
  auto checked = validate(bundle);
  REQUIRE_FALSE(checked.ok());
  // What is not sound doesn't arrive either.
  CHECK_FALSE(decode_bundle(encode_bundle(bundle)).ok());
  return checked.error();
}

code_bundle with_file(std::string name) {
  code_bundle bundle;
  bundle.main = "/usr/bin/true";
  bundle.files.push_back({std::move(name), false, {}});
  return bundle;
}

code_bundle with_argument(std::string argument) {
  code_bundle bundle;
  bundle.main = "/usr/bin/true";
  bundle.arguments.push_back(std::move(argument));
  return bundle;
}

code_bundle with_main(std::string main) {
  code_bundle bundle;
  bundle.main = std::move(main);
  return bundle;
}

} // namespace

TEST_CASE("a sound bundle arrives as it was sent") {
  auto bundle = sound_bundle();
  REQUIRE(validate(bundle).ok());
  auto decoded = decode_bundle(encode_bundle(bundle));
  REQUIRE(decoded.ok());
  CHECK(*decoded == bundle);
}

TEST_CASE("a bundle's hash is that of its encoding, whatever holds it") {
  auto bundle = sound_bundle();
  CHECK(hash_of(bundle) == blob_id(encode_bundle(bundle)));
  auto other = bundle;
  other.files[1].executable = false;
  CHECK(hash_of(other) != hash_of(bundle));
}

TEST_CASE("the main program is a file of the bundle or the system's own") {
  for (const auto* main :
       {"/usr/bin/awk", "/bin/sh", "/lib/x", "/lib64/ld.so", "/sbin/x"}) {
    CAPTURE(main);
    CHECK(validate(with_main(main)).ok());
  }
  CHECK(refusal(with_main("")).code == errc::invalid_argument);
  CHECK(refusal(with_main("absent"))
        == failure{errc::not_found,
                   "code_bundle.main: no file of the bundle is named "
                   "'absent'"});
  for (const auto* main : {"/", "/usr", "/usr/", "/etc/passwd", "/usrx/bin/a",
                           "/usr/../etc/passwd", "/usr//bin/awk", "/usr/./a",
                           "//usr/bin/awk", "/usr/bin/a\n"}) {
    CAPTURE(main);
    CHECK(refusal(with_main(main)).code == errc::invalid_argument);
  }
  auto longest = "/usr/" + std::string(limits::name_bytes_max - 5, 'x');
  CHECK(validate(with_main(longest)).ok());
  CHECK(refusal(with_main(longest + "x")).code == errc::limit_exceeded);
}

TEST_CASE("a root file system is a file of the bundle") {
  auto bundle = sound_bundle();
  bundle.rootfs = "data/table";
  REQUIRE(validate(bundle).ok());
  auto decoded = decode_bundle(encode_bundle(bundle));
  REQUIRE(decoded.ok());
  CHECK(*decoded == bundle);
  CHECK(hash_of(bundle) != hash_of(sound_bundle()));
  for (const auto* name : {"absent", "/usr", "data", "../data/table"}) {
    CAPTURE(name);
    bundle.rootfs = name;
    CHECK(refusal(bundle)
          == failure{errc::not_found,
                     "code_bundle.rootfs: no file of the bundle is named '"
                       + std::string{name} + "'"});
  }
}

TEST_CASE("a root file system of its own keeps programs where it likes") {
  auto bundle = sound_bundle();
  bundle.rootfs = "data/table";
  for (const auto* main : {"/bin/sh", "/app/run", "/run", "main"}) {
    CAPTURE(main);
    bundle.main = main;
    CHECK(validate(bundle).ok());
  }
  for (const auto* main :
       {"", "/", "/app/", "/app/../run", "//run", "absent"}) {
    CAPTURE(main);
    bundle.main = main;
    refusal(bundle);
  }
}

TEST_CASE("names of files are relative, without a way up") {
  for (const auto* name : {"a", "a/b/c", "...", "..a", "a b", "\xc3\xa4"}) {
    CAPTURE(name);
    CHECK(validate(with_file(name)).ok());
  }
  for (const std::string& name :
       {std::string{}, std::string{"/a"}, std::string{"a/"},
        std::string{"a//b"}, std::string{"."}, std::string{".."},
        std::string{"../a"}, std::string{"a/.."}, std::string{"a/./b"},
        std::string{"a\nb"}, std::string{"a\0b", 3}, std::string{"\x7f"}}) {
    CAPTURE(name);
    auto found = refusal(with_file(name));
    CHECK(found.code == errc::invalid_argument);
    CHECK(found.message.starts_with("code_bundle.files[0].name: "));
  }
  CHECK(validate(with_file(std::string(limits::name_bytes_max, 'x'))).ok());
  CHECK(refusal(with_file(std::string(limits::name_bytes_max + 1, 'x'))).code
        == errc::limit_exceeded);
}

TEST_CASE("files are sorted by name, each name once") {
  auto bundle = sound_bundle();
  std::swap(bundle.files[0], bundle.files[1]);
  CHECK(refusal(bundle)
        == failure{errc::invalid_argument,
                   "code_bundle.files[1].name: 'data/table' must come once, "
                   "and after 'main' in the order of bytes"});
  bundle = sound_bundle();
  bundle.files.push_back(bundle.files.back());
  CHECK(refusal(bundle).code == errc::invalid_argument);
  // Bytes above 127 come after the letters.
  bundle = sound_bundle();
  bundle.files.push_back({"\xc3\xa4", false, {}});
  CHECK(validate(bundle).ok());
}

TEST_CASE("a name is a file or a directory, not both") {
  code_bundle bundle;
  bundle.main = "a";
  bundle.files = {{"a", true, {}}, {"a-b", false, {}}, {"a/b/c", false, {}}};
  CHECK(refusal(bundle)
        == failure{errc::invalid_argument,
                   "code_bundle.files[2].name: 'a' is a file already, so it "
                   "can't be a directory"});
  bundle.files[0].name = "a+";
  bundle.main = "a+";
  CHECK(validate(bundle).ok());
}

TEST_CASE("argument templates know four placeholders and doubled braces") {
  for (const auto* argument :
       {"", "plain", "{first}", "{last}", "{file}", "{index}",
        "--range={first}-{last}", "{{", "}}", "{{first}}", "{{{first}}}",
        "{{{{", "{{ \"a\": 1 }}"}) {
    CAPTURE(argument);
    CHECK(validate(with_argument(argument)).ok());
  }
  for (const auto* argument :
       {"{", "}", "{}", "{first", "first}", "{First}", "{first }", "{count}",
        "{{{", "}}}", "{first}}", "{{first}", "{fi{first}rst}"}) {
    CAPTURE(argument);
    auto found = refusal(with_argument(argument));
    CHECK(found.code == errc::invalid_argument);
    CHECK(found.message.starts_with("code_bundle.arguments[0]: the brace at "));
  }
  CHECK(refusal(with_argument({"a\0b", 3})).code == errc::invalid_argument);
}

TEST_CASE("counts and sizes have limits") {
  auto bundle = with_main("/usr/bin/true");
  bundle.arguments.resize(limits::arguments_max);
  CHECK(validate(bundle).ok());
  bundle.arguments.emplace_back();
  CHECK(refusal(bundle).code == errc::limit_exceeded);
  CHECK(
    validate(with_argument(std::string(limits::argument_bytes_max, 'x'))).ok());
  CHECK(refusal(with_argument(std::string(limits::argument_bytes_max + 1, 'x')))
          .code
        == errc::limit_exceeded);
  bundle = with_main("/usr/bin/true");
  for (std::size_t i = 0; i < limits::bundle_files_max; ++i)
    bundle.files.push_back({"f" + std::to_string(10'000 + i), false, {}});
  CHECK(validate(bundle).ok());
  bundle.files.push_back({"g", false, {}});
  CHECK(refusal(bundle).code == errc::limit_exceeded);
}

TEST_CASE("whatever passes for size can be sent") {
  // The largest that passes, in one piece and in many.
  auto bundle = with_main("/usr/bin/true");
  bundle.standard_input.resize(limits::bundle_bytes_max);
  CHECK(refusal(bundle).code == errc::limit_exceeded);
  bundle.standard_input.resize(limits::bundle_bytes_max - 96
                               - bundle.main.size());
  REQUIRE(validate(bundle).ok());
  CHECK(encode_bundle(bundle).size() <= limits::bundle_bytes_max);
  CHECK(decode_bundle(encode_bundle(bundle)).ok());
  bundle.arguments.assign(limits::arguments_max,
                          std::string(limits::argument_bytes_max, 'x'));
  bundle.standard_input.resize(bundle.standard_input.size()
                               - limits::arguments_max
                                   * (limits::argument_bytes_max + 3));
  REQUIRE(validate(bundle).ok());
  CHECK(encode_bundle(bundle).size() <= limits::bundle_bytes_max);
  bundle.standard_input.push_back(0);
  CHECK(refusal(bundle).code == errc::limit_exceeded);
  bundle.standard_input.clear();
  auto contents = bundle.main.size() + limits::arguments_max * 4096;
  for (std::size_t i = 0; i < limits::bundle_files_max; ++i) {
    auto name = std::to_string(10'000 + i) + std::string(250, 'n');
    contents += name.size() + 60'000;
    bundle.files.push_back({std::move(name), true, bytes(60'000)});
  }
  REQUIRE(validate(bundle).ok());
  auto size = encode_bundle(bundle).size();
  CHECK(size <= contents + 96 + 32 * limits::bundle_files_max
                  + 3 * limits::arguments_max);
  CHECK(decode_bundle(encode_bundle(bundle)).ok());
}

TEST_CASE("an encoding above the limit is refused unread") {
  auto decoded = decode_bundle(bytes(limits::bundle_bytes_max + 1));
  REQUIRE_FALSE(decoded.ok());
  CHECK(decoded.error().code == errc::limit_exceeded);
}

TEST_CASE("a truncated bundle is malformed") {
  auto encoded = encode_bundle(sound_bundle());
  encoded.pop_back();
  auto decoded = decode_bundle(encoded);
  REQUIRE_FALSE(decoded.ok());
  CHECK(decoded.error().code == errc::malformed);
}

TEST_CASE("only an undoubled {file} asks for a file") {
  CHECK(takes_file_argument(with_argument("{file}")));
  CHECK(takes_file_argument(with_argument("--in={file},{index}")));
  CHECK(takes_file_argument(with_argument("{{{file}}}")));
  CHECK_FALSE(takes_file_argument(with_argument("{{file}}")));
  CHECK_FALSE(takes_file_argument(with_argument("file")));
  CHECK_FALSE(takes_file_argument(with_argument("{index}")));
  CHECK_FALSE(takes_file_argument(with_argument("{file}{")));
  CHECK_FALSE(takes_file_argument(code_bundle{}));
  auto bundle = with_argument("{first}");
  bundle.arguments.push_back("{file}");
  CHECK(takes_file_argument(bundle));
}
