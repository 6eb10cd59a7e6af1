#include "runtime/launch/input_reader.hpp"

#include <fstream>

namespace artel::runtime {

result<bytes> read_chunk(const chunk& one) {
  std::ifstream file{one.path, std::ios::binary};
  if (!file)
    return {errc::not_found,
            "the input file '" + one.path + "' cannot be opened any more"};
  file.seekg(static_cast<std::streamoff>(one.offset));
  bytes data(one.bytes);
  file.read(reinterpret_cast<char*>(data.data()),
            static_cast<std::streamsize>(data.size()));
  if (static_cast<std::uint64_t>(file.gcount()) != one.bytes)
    return {errc::not_found, "the input file '" + one.path
                               + "' is shorter than when the task was planned"};
  return data;
}

} // namespace artel::runtime
