// Text that must not stay in memory longer than it is needed: wiped when it
// goes, never copied, never moved about by growing.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

namespace artel::runtime {

class secret_text {
public:
  /// Room for so many bytes; empty.
  explicit secret_text(std::size_t capacity = 0);
  secret_text(secret_text&& other) noexcept { swap(other); }
  secret_text& operator=(secret_text&& other) noexcept {
    swap(other);
    return *this;
  }
  ~secret_text();

  /// False, and nothing changed, where there is no room.
  bool append(std::string_view text) noexcept;
  /// Takes away the last bytes, and wipes them.
  void shorten_to(std::size_t size) noexcept;

  std::string_view view() const noexcept { return {data_.get(), size_}; }
  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }

private:
  void swap(secret_text& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

} // namespace artel::runtime
