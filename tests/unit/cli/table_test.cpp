#include "cli/table.hpp"

#include <doctest/doctest.h>

#include "cli/terminal.hpp"

using namespace tpool::cli;

TEST_CASE("columns are measured as a terminal shows them") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("") == 0);
  CHECK(display_width("\xe6\xb7\xb1\xe5\xba\xa6") == 4);  // two wide characters
  CHECK(display_width("e\xcc\x81t\xc3\xa9") == 3);        // combining and composed accents
  CHECK(display_width("\xf0\x9f\x98\x80") == 2);          // an emoji
  CHECK(display_width(std::string("\xff", 1)) == 1);      // not UTF-8
}

TEST_CASE("text is wrapped at spaces and keeps its paragraphs") {
  CHECK(wrapped("one two three", 7, "  ") == "  one two\n  three\n");
  CHECK(wrapped("a\n\nb", 10, "") == "a\n\nb\n");
  CHECK(wrapped("unbreakable", 3, "") == "unbreakable\n");
  CHECK(wrapped("", 10, "").empty());
}

TEST_CASE("a table is aligned and has no trailing space") {
  Table table({"ID", ">N", "NOTE"});
  table.row({"\xe6\xb7\xb1", "7", ""});
  table.row({"deepseek", "123", "x"});
  CHECK(table.text(Output({})) ==
        "ID          N  NOTE\n"
        "\xe6\xb7\xb1          7\n"
        "deepseek  123  x\n");
}

TEST_CASE("on a narrow terminal the words of the last column go on below its heading") {
  Table table({"ID", "WHAT DIFFERS"});
  table.row({"one", "a word, another word and then some more of them"});
  table.row({"two", "little"});
  const auto wide =
      "ID   WHAT DIFFERS\n"
      "one  a word, another word and then some more of them\n"
      "two  little\n";
  CHECK(table.text(Output({})) == wide);
  CHECK(table.text(Output({.columns = 80})) == wide);
  CHECK(table.text(Output({.columns = 20})) == wide);  // no room for words
  CHECK(table.text(Output({.columns = 32})) ==
        "ID   WHAT DIFFERS\n"
        "one  a word, another word and\n"
        "     then some more of them\n"
        "two  little\n");
}

TEST_CASE("a name from elsewhere cannot command the terminal") {
  Table table({"ID"});
  table.row({"\x1b]0;title\x07"});
  CHECK(table.text(Output({})).find('\x1b') == std::string::npos);
}
