#include "core/json/run.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tpool::json {

#if defined(__x86_64__)
namespace {

using Skip = const char* (*)(const char*, const char*, bool&);

constexpr std::size_t block = 64;
// A \u escape that begins in a block ends this far behind it.
constexpr std::size_t overhang = 5;

constexpr auto hex_digits = [] {
  std::array<bool, 256> table{};
  for (const char c : {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a',
                       'b', 'c', 'd', 'e', 'f', 'A', 'B', 'C', 'D', 'E', 'F'})
    table[static_cast<unsigned char>(c)] = true;
  return table;
}();

// Four hexadecimal digits that are no half of a surrogate pair (d800 to dfff).
bool is_whole_unit(const char* digits) {
  const auto at = [digits](int i) { return static_cast<unsigned char>(digits[i]); };
  const bool hex = hex_digits[at(0)] & hex_digits[at(1)] & hex_digits[at(2)] & hex_digits[at(3)];
  return hex && !((at(0) | 0x20) == 'd' && at(1) >= '8');
}

// What stands behind an odd number of backslashes; a run that ends the block has an even number.
// Adding a run's first bit to the run carries to the bit behind it (Langdale and Lemire, "Parsing
// gigabytes of JSON per second", 2019, section 3.1.1).
std::uint64_t escaped_places(std::uint64_t backslashes) {
  constexpr std::uint64_t even = 0x5555555555555555u;
  const auto starts = backslashes & ~(backslashes << 1);
  const auto behind_even = (backslashes + (starts & even)) & ~backslashes;
  const auto behind_odd = (backslashes + (starts & ~even)) & ~backslashes;
  return (behind_even & ~even) | (behind_odd & even);
}

struct Halves {
  __m256i low;
  __m256i high;
};

__attribute__((target("avx2,bmi"))) inline std::uint64_t bits(__m256i low, __m256i high) {
  const auto first = static_cast<std::uint32_t>(_mm256_movemask_epi8(low));
  const auto second = static_cast<std::uint32_t>(_mm256_movemask_epi8(high));
  return first | std::uint64_t{second} << 32;
}

__attribute__((target("avx2,bmi"))) inline std::uint64_t equal(Halves bytes, char wanted) {
  const __m256i one = _mm256_set1_epi8(wanted);
  return bits(_mm256_cmpeq_epi8(bytes.low, one), _mm256_cmpeq_epi8(bytes.high, one));
}

// Letters that may follow a backslash, found by their two nibbles: " / b f n r t u.
__attribute__((target("avx2,bmi"))) inline __m256i no_letter(__m256i bytes) {
  const __m256i by_low = _mm256_setr_epi8(0, 0, 7, 0, 4, 4, 2, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 7,
                                          0, 4, 4, 2, 0, 0, 0, 0, 0, 0, 0, 2, 1);
  const __m256i by_high = _mm256_setr_epi8(0, 0, 1, 0, 0, 0, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
                                           0, 0, 0, 2, 4, 0, 0, 0, 0, 0, 0, 0, 0);
  const __m256i nibble = _mm256_set1_epi8(0x0f);
  const __m256i low = _mm256_shuffle_epi8(by_low, _mm256_and_si256(bytes, nibble));
  const __m256i high =
      _mm256_shuffle_epi8(by_high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble));
  return _mm256_cmpeq_epi8(_mm256_and_si256(low, high), _mm256_setzero_si256());
}

__attribute__((target("avx2,bmi"))) const char* skip_blocks(const char* p, const char* end,
                                                            bool& escaped) {
  const __m256i space = _mm256_set1_epi8(0x20);
  while (static_cast<std::size_t>(end - p) >= block + overhang) {
    const Halves bytes{_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)),
                       _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32))};
    // Signed, so bytes above 0x7f are below the space as well.
    auto stop = bits(_mm256_cmpgt_epi8(space, bytes.low), _mm256_cmpgt_epi8(space, bytes.high));
    auto quotes = equal(bytes, '"');
    auto backslashes = equal(bytes, '\\');
    std::size_t step = block;
    std::uint64_t units = 0;
    if (backslashes) {
      // A backslash whose letter lies in the next block is left to that one.
      if (std::countl_one(backslashes) % 2 == 1) {
        backslashes &= ~(std::uint64_t{1} << 63);
        step = block - 1;
      }
      const auto letters = escaped_places(backslashes);
      const auto bad = bits(no_letter(bytes.low), no_letter(bytes.high)) & letters;
      // Told by its backslash, and an escape counts as passed only when all of it is.
      stop |= bad >> 1;
      quotes &= ~letters;
      units = equal(bytes, 'u') & letters;
    }
    stop |= quotes;
    const auto before = stop ? (stop & (~stop + 1)) - 1 : ~std::uint64_t{0};
    // A letter whose backslash lies before the stop lies before it too, or is the stop's own.
    for (auto left = units & before; left; left &= left - 1) {
      const auto at = std::countr_zero(left);
      if (is_whole_unit(p + at + 1)) continue;
      escaped = escaped || (backslashes & ((std::uint64_t{1} << (at - 1)) - 1));
      return p + at - 1;
    }
    escaped = escaped || (backslashes & before);
    if (stop) return p + std::countr_zero(stop);
    p += step;
  }
  return p;
}

const char* skip_nothing(const char* p, const char*, bool&) { return p; }

// Right even for a caller that runs before this file's own start.
constinit Skip skip = skip_nothing;

const bool chosen = [] {
  if (__builtin_cpu_supports("avx2")) skip = skip_blocks;
  return true;
}();

}  // namespace

const char* skip_run(const char* p, const char* end, bool& escaped) {
  return skip(p, end, escaped);
}

#else

const char* skip_run(const char* p, const char*, bool&) { return p; }

#endif

}  // namespace tpool::json
