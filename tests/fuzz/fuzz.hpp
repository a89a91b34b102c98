// What every fuzz target shares: input as text, a check that ends the run, and splitting.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace tpool::fuzz {

inline std::string_view text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// A broken promise ends the process, which libFuzzer takes for a crash and keeps the input of.
inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// Calls `take` with the pieces of `whole` cut at `at`, or, for longer texts, every `at` bytes.
template <class Take>
void in_pieces(std::string_view whole, std::size_t at, Take take) {
  constexpr std::size_t short_text = 256;
  if (whole.size() <= short_text) {
    at = std::min(at, whole.size());
    take(whole.substr(0, at));
    take(whole.substr(at));
    return;
  }
  for (std::size_t from = 0; from < whole.size(); from += at) take(whole.substr(from, at));
}

// Every place to cut a short text; a few lengths of pieces for a long one.
template <class Check>
void for_every_split(std::string_view whole, Check check) {
  if (whole.size() <= 256) {
    for (std::size_t at = 0; at <= whole.size(); ++at) check(at);
    return;
  }
  for (const std::size_t at : {1, 2, 3, 7, 64, 1000}) check(at);
}

}  // namespace tpool::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
