// Makes tar files header by header, sound ones and hostile ones.
#pragma once

#include "protocol/core/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

namespace artel::test {

class tar_builder {
public:
  static constexpr std::size_t block_bytes = 512;

  /// `type` as the format has it: '0' file, '1' hard link, '2' link, '3' and
  /// '4' devices, '5' directory, '6' pipe. The size is what the header says.
  tar_builder& header(const std::string& name, char type,
                      std::uint64_t size = 0, const std::string& link = {},
                      unsigned mode = 0644) {
    char block[block_bytes] = {};
    copy(block, name, 100);
    std::snprintf(block + 100, 8, "%07o", mode);
    std::snprintf(block + 108, 8, "%07o", 0u);
    std::snprintf(block + 116, 8, "%07o", 0u);
    std::snprintf(block + 124, 12, "%011llo",
                  static_cast<unsigned long long>(size));
    std::snprintf(block + 136, 12, "%011o", 1'000'000'000u);
    block[156] = type;
    copy(block + 157, link, 100);
    std::memcpy(block + 257, "ustar\00000", 8);
    std::memset(block + 148, ' ', 8);
    unsigned sum = 0;
    for (auto one : block)
      sum += static_cast<unsigned char>(one);
    std::snprintf(block + 148, 8, "%06o", sum);
    data_.insert(data_.end(), block, block + block_bytes);
    return *this;
  }

  tar_builder& raw(const std::string& text) {
    data_.insert(data_.end(), text.begin(), text.end());
    return *this;
  }

  tar_builder& file(const std::string& name, const std::string& content,
                    unsigned mode = 0644) {
    header(name, '0', content.size(), {}, mode).raw(content);
    data_.resize((data_.size() + block_bytes - 1) / block_bytes * block_bytes);
    return *this;
  }

  tar_builder& directory(const std::string& name) {
    return header(name, '5', 0, {}, 0755);
  }
  tar_builder& link(const std::string& name, const std::string& target) {
    return header(name, '2', 0, target, 0777);
  }
  tar_builder& hard_link(const std::string& name, const std::string& target) {
    return header(name, '1', 0, target);
  }

  /// GNU's way to say a long name: its own entry before the real one.
  tar_builder& long_name(const std::string& name) {
    header("././@LongLink", 'L', name.size() + 1).raw(name);
    data_.push_back(0);
    data_.resize((data_.size() + block_bytes - 1) / block_bytes * block_bytes);
    return *this;
  }

  /// With the two empty blocks that end a tar file.
  bytes finish() const {
    auto whole = data_;
    whole.resize(whole.size() + 2 * block_bytes);
    return whole;
  }

private:
  static void copy(char* field, const std::string& text, std::size_t most) {
    std::memcpy(field, text.data(), text.size() < most ? text.size() : most);
  }

  bytes data_;
};

} // namespace artel::test
