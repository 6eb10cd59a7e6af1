// A value or an error with its context. Errors are values: functions that can
// fail on bad input return result<T> and never throw.
#pragma once

#include "protocol/core/errc.hpp"

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace artel {

/// What went wrong, and a sentence that says where and what was expected.
struct failure {
  errc code{};
  std::string message;

  bool operator==(const failure&) const = default;
};

/// Holds a T or an error. Reading the side that is not held is a bug of ours.
template <class T>
class [[nodiscard]] result {
public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(failure problem)
    : state_(std::in_place_index<1>, std::move(problem)) {}
  result(errc code, std::string message)
    : state_(std::in_place_index<1>, failure{code, std::move(message)}) {}

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  T& value() & {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    assert(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  const failure& error() const {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

private:
  std::variant<T, failure> state_;
};

/// Success without a value, or an error.
template <>
class [[nodiscard]] result<void> {
public:
  result() = default;
  result(failure problem) : error_(std::move(problem)), failed_(true) {}
  result(errc code, std::string message)
    : error_{code, std::move(message)},
      failed_(true) {}

  bool ok() const noexcept { return !failed_; }
  explicit operator bool() const noexcept { return ok(); }

  const failure& error() const {
    assert(failed_);
    return error_;
  }

private:
  failure error_;
  bool failed_ = false;
};

} // namespace artel
