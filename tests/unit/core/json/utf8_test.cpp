#include "core/json/utf8.hpp"

#include <doctest/doctest.h>

using namespace tpool::json;

TEST_CASE("valid UTF-8 has nothing to find, at every length and place") {
  for (std::size_t n = 0; n < 40; ++n)
    for (const char* sequence : {"", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
                                 "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
      CHECK(find_invalid_utf8(std::string(n, 'a') + sequence + std::string(n, 'b')) ==
            std::string::npos);
}

TEST_CASE("overlongs, surrogates, cut and stray bytes are found where they begin") {
  for (std::size_t n = 0; n < 40; ++n)
    for (const char* bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf",
                            "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5", "\xff",
                            "\xe2\x82", "\xf0\x9f\x98", "\xc3"})
      CHECK(find_invalid_utf8(std::string(n, 'a') + bad + std::string(n, 'b')) == n);
}

TEST_CASE("an invalid sequence becomes one replacement character, the rest stays") {
  CHECK(replace_invalid_utf8("a\xff"
                             "b") ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(replace_invalid_utf8("\xe2\x82") == "\xef\xbf\xbd");
  CHECK(replace_invalid_utf8("\xed\xa0\x80x") == "\xef\xbf\xbdx");
  CHECK(replace_invalid_utf8("\xc3\xa9") == "\xc3\xa9");
  CHECK(find_invalid_utf8(replace_invalid_utf8("\xf0\x9f\x80\xe2\x82\xc3\xc3\xa9\x80")) ==
        std::string::npos);
}

TEST_CASE("a name from elsewhere cannot command a terminal or a log") {
  CHECK(printable("a\x1b[31mb") == "a\xef\xbf\xbd[31mb");
  CHECK(printable("a\nb\tc") ==
        "a\xef\xbf\xbd"
        "b\xef\xbf\xbd"
        "c");
  CHECK(printable("\xe6\xb7\xb1 ok") == "\xe6\xb7\xb1 ok");
  CHECK(printable("x\xe2\x80\xaey") == "x\xef\xbf\xbdy");  // right-to-left override
  CHECK(printable("x\xe2\x81\xa6y") == "x\xef\xbf\xbdy");  // an isolate
  CHECK(printable("x\xc2\x9b"
                  "31my") ==
        "x\xef\xbf\xbd"
        "31my");  // the one-character ESC [
  CHECK(printable("x\xffy") == "x\xef\xbf\xbdy");
}
