#include "core/digest.hpp"

#include <doctest/doctest.h>

using namespace tpool;

TEST_CASE("SHA-256 gives the published values") {
  CHECK(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256_hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("tokens are long, ours by their prefix, and never the same") {
  const std::string token = new_token();
  CHECK(token.starts_with("tpool_"));
  CHECK(from_base64url(token.substr(6)).size() == 32);
  CHECK(token != new_token());
}

TEST_CASE("base64url gives the published values and reads them back") {
  const std::string bytes("\xFB\xFF\0\x01", 4);
  CHECK(base64url("") == "");
  CHECK(base64url("f") == "Zg");
  CHECK(base64url("fo") == "Zm8");
  CHECK(base64url("foo") == "Zm9v");
  CHECK(base64url(bytes) == "-_8AAQ");
  CHECK(from_base64url("-_8AAQ") == bytes);
  CHECK(from_base64url("Zm9vYmE") == "fooba");
}

TEST_CASE("malformed base64url is empty") {
  for (const char* text : {"Z", "Zg==", "Z g", "Zh", "Zm9", "+/8AAQ", "Zm9vY"})
    CHECK(from_base64url(text) == "");
}

TEST_CASE("comparing in constant time compares") {
  CHECK(equal_constant_time("", ""));
  CHECK(equal_constant_time("abc", "abc"));
  CHECK_FALSE(equal_constant_time("abc", "abd"));
  CHECK_FALSE(equal_constant_time("abc", "ab"));
}
