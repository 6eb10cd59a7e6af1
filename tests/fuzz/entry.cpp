// libFuzzer's functions, for each target. As `fuzz_NAME --make-seeds DIRECTORY`
// the program writes the target's seeds instead, and ends.
#include "protocol/identity/keys.hpp"
#include "tests/fuzz/target.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace artel::fuzz {

namespace {

bool write_seeds(const std::filesystem::path& directory) {
  for (const auto& each : make_seeds()) {
    std::ofstream file{directory / each.name, std::ios::binary};
    file << as_text(each.data);
    if (!file.flush()) {
      std::cerr << "can't write " << directory / each.name << '\n';
      return false;
    }
  }
  return true;
}

} // namespace

void require(bool holds, std::string_view sentence) {
  if (holds)
    return;
  std::cerr << "does not hold: " << sentence << '\n';
  std::abort();
}

} // namespace artel::fuzz

extern "C" int LLVMFuzzerInitialize(int* argument_count, char*** arguments) {
  artel::initialize_crypto();
  if (*argument_count == 3
      && std::string_view{(*arguments)[1]} == "--make-seeds")
    std::exit(artel::fuzz::write_seeds((*arguments)[2]) ? 0 : 1);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
  artel::fuzz::run({data, size});
  return 0;
}
