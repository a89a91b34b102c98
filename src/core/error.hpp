// What can go wrong, and how a function says so.
//
// Every function that can fail returns Result<T>. An Error says what a caller may do (code), what
// happened (message, one sentence, no secret) and what to try (hint, may be empty). Exceptions are
// for bugs. Any thread.
#pragma once

#include <boost/system/result.hpp>
#include <string>
#include <string_view>

namespace tpool {

enum class Code {
  invalid,
  not_found,
  conflict,
  unauthorized,
  unavailable,
  timeout,
  cancelled,
  corrupt,
  internal,
};

// The spelling used in JSON and in logs.
std::string_view to_string(Code code);

struct Error {
  Code code = Code::internal;
  std::string message;
  std::string hint = {};

  bool operator==(const Error&) const = default;
};

template <class T = void>
using Result = boost::system::result<T, Error>;

// Found by Result::value() when the result holds an Error: using one unchecked is a bug.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location&);

inline Error invalid(std::string message, std::string hint = {}) {
  return {Code::invalid, std::move(message), std::move(hint)};
}
inline Error not_found(std::string message, std::string hint = {}) {
  return {Code::not_found, std::move(message), std::move(hint)};
}
inline Error conflict(std::string message, std::string hint = {}) {
  return {Code::conflict, std::move(message), std::move(hint)};
}
inline Error unavailable(std::string message, std::string hint = {}) {
  return {Code::unavailable, std::move(message), std::move(hint)};
}
inline Error corrupt(std::string message, std::string hint = {}) {
  return {Code::corrupt, std::move(message), std::move(hint)};
}

// "No such file or directory" for an errno value, without strerror's shared buffer.
std::string describe_errno(int number);

}  // namespace tpool
