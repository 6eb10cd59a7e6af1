#include "runtime/config/secret_text.hpp"

#include <cassert>
#include <cstring>

#include <sodium.h>

namespace artel::runtime {

secret_text::secret_text(std::size_t capacity)
  : data_(capacity == 0 ? nullptr : std::make_unique<char[]>(capacity)),
    capacity_(capacity) {
}

secret_text::~secret_text() {
  if (data_)
    sodium_memzero(data_.get(), capacity_);
}

bool secret_text::append(std::string_view text) noexcept {
  if (text.size() > capacity_ - size_)
    return false;
  if (!text.empty())
    std::memcpy(data_.get() + size_, text.data(), text.size());
  size_ += text.size();
  return true;
}

void secret_text::shorten_to(std::size_t size) noexcept {
  assert(size <= size_);
  if (data_)
    sodium_memzero(data_.get() + size, size_ - size);
  size_ = size;
}

} // namespace artel::runtime
