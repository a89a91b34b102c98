#include "core/json/value.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>

#include "random_json.hpp"

using namespace tpool;
using json::Document;

namespace {

std::string message_of(std::string_view text) {
  const auto parsed = Document::parse(text, "request body");
  return parsed ? "accepted" : parsed.error().message;
}

std::string again(std::string_view text) {
  const auto parsed = Document::parse(text);
  return parsed ? parsed->root().text() : parsed.error().message;
}

}  // namespace

TEST_CASE("members, elements and scalars are read, and what is missing is a null value") {
  const auto parsed = Document::parse(R"({"a":[1,"x",true,null,2.5],"b":{"c":"d"},"n":null})");
  REQUIRE(parsed.has_value());
  const json::Value root = parsed->root();
  CHECK(root.is_object());
  CHECK(root.size() == 3);
  CHECK(root["a"].at(0).integer() == 1);
  CHECK(root["a"].at(1).string() == "x");
  CHECK(root["a"].at(2).boolean() == true);
  CHECK_FALSE(root["a"].at(3));
  CHECK(root["a"].at(4).number() == 2.5);
  CHECK_FALSE(root["a"].at(4).integer());
  CHECK_FALSE(root["a"].at(5));
  CHECK(root["b"]["c"].string_or("") == "d");
  CHECK(root.name_at(1) == "b");
  CHECK(root.member_at(1)["c"].is_string());
  CHECK_FALSE(root["n"]);
  CHECK_FALSE(root["nowhere"]["deeper"].at(3)["x"].string());
  CHECK(root["nowhere"].text() == "null");
  CHECK(root["b"].boolean_or(true));
  CHECK(json::Value().size() == 0);
}

TEST_CASE("of duplicate members the last one counts, and text keeps both") {
  const std::string text = R"({"model":"a","x":1,"model":"b"})";
  const auto parsed = Document::parse(text);
  REQUIRE(parsed.has_value());
  CHECK(parsed->root()["model"].string() == "b");
  CHECK(parsed->root().text() == text);
}

TEST_CASE("a string may hold escapes, NUL and every plane of Unicode") {
  const auto parsed = Document::parse(R"(["\u0000x\n\ud83d\ude00é"])");
  REQUIRE(parsed.has_value());
  const auto text = parsed->root().at(0).string();
  CHECK(*text == std::string_view("\0x\n\xf0\x9f\x98\x80\xc3\xa9", 9));
  CHECK(parsed->root().text() == "[\"\\u0000x\\n\xf0\x9f\x98\x80\xc3\xa9\"]");
}

TEST_CASE("numbers keep their value: large, negative zero, past 2^31 and past 2^63") {
  const auto parsed = Document::parse(
      "[4294967296,-0.0,9223372036854775807,18446744073709551615,"
      "1e3,0.1,1.0,9223372036854775808,1e300]");
  REQUIRE(parsed.has_value());
  const json::Value root = parsed->root();
  CHECK(root.at(0).integer() == 4294967296);
  CHECK(std::signbit(*root.at(1).number()));
  CHECK(root.at(2).integer() == INT64_MAX);
  CHECK_FALSE(root.at(3).integer());
  CHECK(root.at(4).integer() == 1000);
  CHECK(root.at(5).number() == 0.1);
  CHECK(root.at(6).text() == "1.0");
  CHECK_FALSE(root.at(7).integer());
  CHECK_FALSE(root.at(8).integer());
  CHECK(root.at(3).text() == "18446744073709551615");
  CHECK(again("0.30000000000000004") == "0.30000000000000004");
}

TEST_CASE("a nought stays one, however long it is written") {
  const std::string text =
      "[0e-42,-0e111,0.0,-0E+5,0.000e9,0." + std::string(400, '0') + ",1e-5,0.01,-0.5e3]";
  const auto document = Document::parse(text);
  REQUIRE(document.has_value());
  CHECK(document->root().text() == "[0.0,-0.0,0.0,-0.0,0.0,0.0,1e-05,0.01,-500.0]");
  CHECK(document->root().at(0).integer() == 0);
}

TEST_CASE("a number is the double nearest to it, however many noughts it is written with") {
  for (const int zeros :
       {0, 1, 17, 300, 307, 320, 323, 324, 325, 330, 347, 348, 349, 356, 400, 900})
    for (const std::string digits :
         {"1", "5", "13404936057965914489", "99999999999999999999999999"})
      for (const std::string exponent :
           {"", "e5", "e-5", "E+300", "e-300", "e-330", "e-4294967300"})
        for (const std::string front : {"0.", "-0.", "1."}) {
          const auto text =
              front + std::string(static_cast<std::size_t>(zeros), '0') + digits + exponent;
          CAPTURE(text);
          const auto document = json::Document::parse(text);
          REQUIRE(document.has_value());
          CHECK(document->root().number() == std::strtod(text.c_str(), nullptr));
        }
  // The exponent may take the noughts back.
  const auto back = json::Document::parse("0." + std::string(600, '0') + "25e600");
  REQUIRE(back.has_value());
  CHECK(back->root().number() == 0.25);
}

TEST_CASE("a number out of range is refused where it stands") {
  CHECK(message_of("{\"a\":1e400}") ==
        "request body is not valid JSON: the number is out of range at line 1, column 6 (byte 5)");
  CHECK(message_of(std::string(400, '9')).find("out of range") != std::string::npos);
  CHECK(message_of(" 22222222222222E295").find("(byte 1)") != std::string::npos);
  CHECK(message_of("-17976931348623159e292").find("out of range") != std::string::npos);
  CHECK(again("17976931348623157e292") == "1.7976931348623157e+308");
  CHECK(again(std::string(300, '9')) != "");
  CHECK(again("0." + std::string(100000, '3')) == "0.3333333333333333");
  CHECK(again("1e-400") == "0.0");
  CHECK(again("1e-99999999999999999999") == "0.0");
  CHECK(message_of("1e99999999999999999999").find("out of range") != std::string::npos);
}

TEST_CASE("what is not JSON is refused with its line, column and byte") {
  CHECK(message_of("{\n  \"a\": tru\n}") ==
        "request body is not valid JSON: a value was expected at line 2, column 8 (byte 9)");
  CHECK(message_of("{\"a\":1} x").find("follows the end of the value at line 1, column 9") !=
        std::string::npos);
  CHECK(message_of("\xef\xbb\xbf{}").find("byte order mark") != std::string::npos);
  CHECK(message_of("").find("ends too early") != std::string::npos);
  CHECK(message_of("\"\\ud800\"").find("surrogate") != std::string::npos);
  CHECK(message_of("\"\\ud800\\u0041\"").find("surrogate") != std::string::npos);
  CHECK(message_of("\"\\udc00\"").find("surrogate") != std::string::npos);
  CHECK(message_of("\"\xff\"").find("UTF-8") != std::string::npos);
  CHECK(message_of("\"\xed\xa0\x80\"").find("UTF-8") != std::string::npos);
  for (const char* bad :
       {"{",        "[1,]",    "{\"a\":1,}",  "{a:1}",  "{\"a\" 1}",  "01",    "-",
        "1.",       "1e",      ".5",          "+1",     "'a'",        "[1 2]", "nul",
        "\"a",      "\"\\x\"", "\"\\u12g4\"", "\"\t\"", "NaN",        "[}",    "{]",
        "{\"a\":}", "//c\n1",  "\"\\",        "\"\\u",  "\"\\ud83d\\"})
    CHECK_MESSAGE(message_of(bad) != "accepted", bad);
  // Each control character, at each place of a block of sixteen.
  for (int byte = 0; byte < 0x20; ++byte)
    for (std::size_t at = 0; at < 40; ++at) {
      std::string text(60, 'a');
      text.front() = text.back() = '"';
      text[1 + at] = static_cast<char>(byte);
      CHECK(message_of(text) != "accepted");
    }
}

TEST_CASE("nesting is allowed to 512 and refused beyond, however deep") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(again(nested(512)) == nested(512));
  CHECK(message_of(nested(513)).find("deeper than 512") != std::string::npos);
  CHECK(message_of(nested(100000)).find("deeper than 512") != std::string::npos);
  std::string objects;
  for (int i = 0; i < 100000; ++i) objects += "{\"a\":";
  CHECK(message_of(objects).find("deeper than 512") != std::string::npos);
  CHECK(json::depth_ok(nested(512)));
  CHECK_FALSE(json::depth_ok(nested(513)));
  CHECK_FALSE(json::depth_ok(objects));
  CHECK(json::depth_ok("\"" + std::string(1000, '[') + "\\\"" + std::string(1000, '[')));
  CHECK(json::depth_ok(std::string(600, ']') + "\"\\"));
}

TEST_CASE("a random document reads back as itself") {
  test::RandomJson random(7);
  for (int i = 0; i < 2000; ++i) {
    const std::string text = random.object();
    const std::string once = again(text);
    CHECK(again(once) == once);
    REQUIRE_MESSAGE(once.front() == '{', once);
  }
}

TEST_CASE("a document with one byte broken is read or refused, and never crashes") {
  test::RandomJson random(11);
  for (int i = 0; i < 3000; ++i) {
    std::string text = random.object();
    text[static_cast<std::size_t>(random.roll(static_cast<int>(text.size())))] =
        static_cast<char>(random.roll(256));
    const std::string once = again(text);
    if (once.find("is not valid JSON") == std::string::npos) CHECK(again(once) == once);
  }
}
