// Runs of plain bytes: the inner loop of everything that reads or writes JSON strings.
//
// A byte is plain when it stands for itself inside a JSON string and is ASCII: no quote, no
// backslash, no control character, nothing above 0x7f. Sixteen bytes at a time with SSE2, eight
// elsewhere; never reads outside [p, end). Any thread.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tpool::json {

inline bool is_plain(unsigned char byte) {
  return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

// Whether a backslash and this letter are a whole escape: all but \u.
inline bool is_short_escape(char letter) {
  // One bit per letter from '"' (0x22) on, in two words.
  const auto code = static_cast<unsigned>(static_cast<unsigned char>(letter)) - 0x22;
  constexpr auto bit = [](char c) { return std::uint64_t{1} << ((c - 0x22) % 64); };
  constexpr std::uint64_t low = bit('"') | bit('/') | bit('\\');
  constexpr std::uint64_t high = bit('b') | bit('f') | bit('n') | bit('r') | bit('t');
  return code < 64 ? low >> code & 1 : code < 128 && (high >> (code - 64) & 1);
}

// The first byte that is not plain, or `end`.
inline const char* skip_plain(const char* p, const char* end) {
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i space = _mm_set1_epi8(0x20);
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    // Signed, so bytes above 0x7f are below the space as well.
    const __m128i hit =
        _mm_or_si128(_mm_cmplt_epi8(bytes, space),
                     _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
    if (const int mask = _mm_movemask_epi8(hit); mask != 0)
      return p + std::countr_zero(static_cast<unsigned>(mask));
  }
#else
  constexpr std::uint64_t ones = 0x0101010101010101u;
  constexpr std::uint64_t tops = 0x8080808080808080u;
  auto has_zero = [&](std::uint64_t word) { return (word - ones) & ~word & tops; };
  for (; end - p >= 8; p += 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    if ((word & tops) || has_zero(word ^ (ones * '"')) || has_zero(word ^ (ones * '\\')) ||
        ((word - ones * 0x20) & tops))
      break;
  }
#endif
  while (p != end && is_plain(static_cast<unsigned char>(*p))) ++p;
  return p;
}

// The first byte above 0x7f, or `end`.
inline const char* skip_ascii(const char* p, const char* end) {
#if defined(__SSE2__)
  for (; end - p >= 16; p += 16) {
    const int mask = _mm_movemask_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
    if (mask != 0) return p + std::countr_zero(static_cast<unsigned>(mask));
  }
#else
  for (; end - p >= 8; p += 8) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    if (word & 0x8080808080808080u) break;
  }
#endif
  while (p != end && static_cast<unsigned char>(*p) < 0x80) ++p;
  return p;
}

// Length of the UTF-8 sequence at p, which is above 0x7f; 0 when it is not valid.
inline std::size_t utf8_length(const char* p, const char* end) {
  const auto at = [p](int i) { return static_cast<unsigned char>(p[i]); };
  const auto tail = [&](int i) { return (at(i) & 0xc0) == 0x80; };
  const unsigned char lead = at(0);
  const auto left = end - p;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return left >= 2 && tail(1) ? 2 : 0;
  if (lead < 0xf0) {
    if (left < 3 || !tail(1) || !tail(2)) return 0;
    if (lead == 0xe0 && at(1) < 0xa0) return 0;   // overlong
    if (lead == 0xed && at(1) >= 0xa0) return 0;  // surrogate
    return 3;
  }
  if (lead > 0xf4 || left < 4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  if (lead == 0xf0 && at(1) < 0x90) return 0;   // overlong
  if (lead == 0xf4 && at(1) >= 0x90) return 0;  // above U+10FFFF
  return 4;
}

}  // namespace tpool::json
