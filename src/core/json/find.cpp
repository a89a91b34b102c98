#include "core/json/find.hpp"

#include <string.h>

#include <bit>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tpool::json {
namespace {

using Find = const char* (*)(const char*, const char*, std::string_view);

const char* find_plain(const char* p, const char* end, std::string_view name) {
  return static_cast<const char*>(
      ::memmem(p, static_cast<std::size_t>(end - p), name.data(), name.size()));
}

#if defined(__x86_64__)

constexpr std::size_t block = 32;

// The letter behind the quote and the one in the middle: neither is a mark that JSON is full of.
__attribute__((target("avx2,bmi"))) const char* find_blocks(const char* p, const char* end,
                                                            std::string_view name) {
  if (name.size() < 4) return find_plain(p, end, name);
  const auto middle = name.size() / 2;
  const __m256i second_letter = _mm256_set1_epi8(name[1]);
  const __m256i middle_letter = _mm256_set1_epi8(name[middle]);
  for (; static_cast<std::size_t>(end - p) >= block + name.size(); p += block) {
    const auto second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 1));
    const auto central = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + middle));
    auto places = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_and_si256(
        _mm256_cmpeq_epi8(second, second_letter), _mm256_cmpeq_epi8(central, middle_letter))));
    for (; places; places &= places - 1) {
      const char* place = p + std::countr_zero(places);
      if (::memcmp(place, name.data(), name.size()) == 0) return place;
    }
  }
  return find_plain(p, end, name);
}

// Right even for a caller that runs before this file's own start.
constinit Find finder = find_plain;

const bool chosen = [] {
  if (__builtin_cpu_supports("avx2")) finder = find_blocks;
  return true;
}();

#else

constexpr Find finder = find_plain;

#endif

}  // namespace

std::size_t find(std::string_view text, std::string_view name, std::size_t from) {
  if (from > text.size()) return std::string_view::npos;
  const char* found = finder(text.data() + from, text.data() + text.size(), name);
  return found ? static_cast<std::size_t>(found - text.data()) : std::string_view::npos;
}

}  // namespace tpool::json
