#include "core/config/toml_spans.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::config;

namespace {

std::string at(std::string_view text, Span span) {
  return std::string(text.substr(span.begin, span.end - span.begin));
}

Layout lay_out(std::string_view text) {
  auto result = layout(text);
  REQUIRE_MESSAGE(result.has_value(), result.error().message);
  return *result;
}

const KeySpan& key(const Layout& where, const KeyPath& path) {
  const KeySpan* found = find_key(where, path);
  REQUIRE(found != nullptr);
  return *found;
}

std::string refusal(std::string_view text) {
  auto result = layout(text);
  REQUIRE(result.has_error());
  return result.error().message;
}

}  // namespace

TEST_CASE("an empty text has a root table and nothing in it") {
  const Layout where = lay_out("");
  REQUIRE(where.tables.size() == 1);
  CHECK(where.tables[0].path.empty());
  CHECK(where.tables[0].keys.empty());
  CHECK(where.newline == "\n");
}

TEST_CASE("keys, values and lines are found around comments and blanks") {
  const std::string text = "# top\n\n  model = \"gpt\"   # mine\nn=1\n[a.b] # table\n\tx = 'y' \n";
  const Layout where = lay_out(text);
  REQUIRE(where.tables.size() == 2);
  const KeySpan& model = key(where, {"model"});
  CHECK(at(text, model.key) == "model");
  CHECK(at(text, model.value) == "\"gpt\"");
  CHECK(at(text, model.line) == "  model = \"gpt\"   # mine\n");
  CHECK(at(text, key(where, {"n"}).line) == "n=1\n");
  CHECK(at(text, where.tables[0].body) == "# top\n\n  model = \"gpt\"   # mine\nn=1\n");
  CHECK(at(text, where.tables[1].header) == "[a.b] # table\n");
  CHECK(at(text, where.tables[1].body) == "\tx = 'y' \n");
  CHECK(at(text, key(where, {"a", "b", "x"}).value) == "'y'");
}

TEST_CASE("CRLF, a byte order mark and a missing last newline stay outside the spans") {
  const std::string text = "\xEF\xBB\xBFmodel = \"a\"\r\n[t]\r\nlast = 2";
  const Layout where = lay_out(text);
  CHECK(where.newline == "\r\n");
  CHECK(key(where, {"model"}).line.begin == 3);
  CHECK(at(text, key(where, {"model"}).value) == "\"a\"");
  CHECK(at(text, key(where, {"model"}).line) == "model = \"a\"\r\n");
  CHECK(at(text, key(where, {"t", "last"}).value) == "2");
  CHECK(key(where, {"t", "last"}).line.end == text.size());
  const std::string bare = "d = 1979-05-27 07:32:00  # when\r\n";
  CHECK(at(bare, key(lay_out(bare), {"d"}).value) == "1979-05-27 07:32:00");
}

TEST_CASE("a table header at the very end has an empty body") {
  const std::string text = "[a]";
  const Layout where = lay_out(text);
  REQUIRE(where.tables.size() == 2);
  CHECK(where.tables[1].body.begin == text.size());
  CHECK(where.tables[1].body.end == text.size());
}

TEST_CASE("what looks like a key or a header inside a string or an array is neither") {
  const std::string text =
      "a = \"\"\"\nmodel = 1\n[x] \\\"\"\" # no\n\"\"\"\"\"\n"
      "b = '''\n[y]\nmodel = 2\\'''\n"
      "c = [\n  \"]\", # ] [z]\n  [1, 2],\n  { k = \"}\" },\n]\n"
      "e = { model = 3, f = [ \"{\" ] }\n"
      "g = \"\\\\\"\n"
      "model = 'real'\n";
  const Layout where = lay_out(text);
  REQUIRE(where.tables.size() == 1);
  CHECK(where.tables[0].keys.size() == 6);
  CHECK(at(text, key(where, {"model"}).value) == "'real'");
  CHECK(at(text, key(where, {"b"}).value) == "'''\n[y]\nmodel = 2\\'''");
  CHECK(at(text, key(where, {"g"}).value) == "\"\\\\\"");
  CHECK(at(text, key(where, {"c"}).line).ends_with("]\n"));
  CHECK(array_elements(text, key(where, {"c"}).value).size() == 3);
}

TEST_CASE("quotes may stand right before the closing three") {
  const std::string text = "a = \"\"\"\"in\"\"\"\"\"\nb = ''''in'''''\nc = \"\"\nd = ''\n";
  const Layout where = lay_out(text);
  CHECK(where.tables[0].keys.size() == 4);
  CHECK(at(text, key(where, {"a"}).value) == "\"\"\"\"in\"\"\"\"\"");
  CHECK(unquote(at(text, key(where, {"a"}).value)) == "\"in\"\"");
  CHECK(unquote(at(text, key(where, {"b"}).value)) == "'in''");
  CHECK(unquote(at(text, key(where, {"c"}).value)) == "");
}

TEST_CASE("dotted and quoted keys are decoded, with blanks around their dots") {
  const std::string text = "a . \"b.c\" . 'd' = 1\n\"\\u00e9\" = 2\n[\"x y\".z]\n\"\" = 3\n";
  const Layout where = lay_out(text);
  CHECK(at(text, key(where, {"a", "b.c", "d"}).key) == "a . \"b.c\" . 'd'");
  CHECK(find_key(where, {"a", "b", "c", "d"}) == nullptr);
  CHECK(at(text, key(where, {"\xC3\xA9"}).value) == "2");
  CHECK(at(text, key(where, {"x y", "z", ""}).value) == "3");
}

TEST_CASE("a key of one table is never taken for the same name in another") {
  const std::string text =
      "[profiles.x]\nmodel = 1\n[model_providers.tpool]\nmodel = 2\n[[list]]\nmodel = 3\n";
  const Layout where = lay_out(text);
  CHECK(find_key(where, {"model"}) == nullptr);
  CHECK(at(text, key(where, {"profiles", "x", "model"}).value) == "1");
  CHECK(find_key(where, {"list", "model"}) == nullptr);
  CHECK(find_table(where, {"model_providers", "tpool"}) != nullptr);
  CHECK(find_table(where, {"model_providers"}) == nullptr);
  CHECK(find_table(where, {"list"}) == nullptr);
}

TEST_CASE("a table is found by any spelling of its path") {
  const std::string text = "[ model_providers . \"tpool\" ]\nname = 1\n";
  const Layout where = lay_out(text);
  CHECK(find_table(where, {"model_providers", "tpool"}) != nullptr);
  CHECK(at(text, key(where, {"model_providers", "tpool", "name"}).value) == "1");
}

TEST_CASE("elements of arrays of tables are counted, nested ones from zero again") {
  const Layout where = lay_out("[[p]]\n[[p.k]]\n[[p.k]]\n[p.l]\n[[p]]\n[[p.k]]\n[[q]]\n[[p]]\n");
  std::vector<std::size_t> indices;
  for (const TableSpan& table : where.tables)
    if (table.is_array) indices.push_back(table.index);
  CHECK(indices == std::vector<std::size_t>{0, 0, 1, 1, 0, 0, 2});
}

TEST_CASE("members of an inline table are found, also dotted and nested ones") {
  const std::string text = "t = { a = 1 , \"b c\".d = [ 1, { x = 2 } ], e = { f = 'g' } } # end\n";
  const Layout where = lay_out(text);
  const auto members = inline_members(text, key(where, {"t"}).value);
  REQUIRE(members.size() == 3);
  CHECK(at(text, members[0].line) == "a = 1");
  CHECK(members[1].path == KeyPath{"b c", "d"});
  CHECK(at(text, members[1].value) == "[ 1, { x = 2 } ]");
  CHECK(at(text, members[2].value) == "{ f = 'g' }");
  CHECK(inline_members(text, members[0].value).empty());
  CHECK(array_elements(text, members[2].value).empty());
}

TEST_CASE("text that cannot be TOML is refused with line and column") {
  CHECK(refusal("a = 1\nb 2\n").starts_with("2:3: "));
  CHECK(refusal("a = \"x\n").starts_with("1:5: "));
  CHECK(refusal("a = [1, 2\n").starts_with("1:5: "));
  CHECK(refusal("a = [1}\n").starts_with("1:7: "));
  CHECK(refusal("[a\n").starts_with("1:3: "));
  CHECK(refusal("a = 1 b = 2\n\nc = \n").starts_with("3:5: "));
  CHECK(refusal("\xEF\xBB\xBF = 1").starts_with("1:2: "));
  CHECK(refusal("a = \"\" b\n").starts_with("1:8: "));
  CHECK(refusal("a = \"\"\"open").starts_with("1:5: "));
  CHECK(refusal("\"\\q\" = 1").starts_with("1:1: "));
}

TEST_CASE("nesting is limited, whatever it is made of") {
  CHECK(refusal("a = " + std::string(100'000, '[')).find("too deeply") != std::string::npos);
  std::string tables = "a = ";
  for (int i = 0; i < 100'000; ++i) tables += "{a=";
  CHECK(refusal(tables).find("too deeply") != std::string::npos);
  std::string dotted = "a";
  for (int i = 0; i < 100'000; ++i) dotted += ".a";
  CHECK(refusal(dotted + " = 1").find("too deeply") != std::string::npos);
  CHECK(layout("a = " + std::string(60, '[') + std::string(60, ']')).has_value());
}

TEST_CASE("edits apply in any order, insertions before a replacement at the same place") {
  CHECK(apply_edits("0123456789", {{{7, 9}, "B"}, {{2, 4}, "A"}, {{2, 2}, "+"}}) == "01+A456B9");
  CHECK(apply_edits("ab", {{{2, 2}, "1"}, {{2, 2}, "2"}}) == "ab12");
  CHECK(apply_edits("ab", {}) == "ab");
}

TEST_CASE("quoting and unquoting are inverses") {
  for (const std::string& text :
       {std::string("plain"), std::string("q\"b\\s\n\r\t\b\f"), std::string("\x01\x7F\0x", 4),
        std::string("\xC3\xA9 \xF0\x9F\x90\x8B")})
    CHECK(unquote(quote(text)) == text);
  CHECK(unquote("\"\\U0001F40B\"") == "\xF0\x9F\x90\x8B");
  CHECK(unquote("\"\"\"\r\na\\\n   b\"\"\"") == "ab");
  CHECK_FALSE(unquote("\"\\ud800\""));
  CHECK_FALSE(unquote("12"));
  CHECK_FALSE(unquote("\""));
  CHECK(key_text("bare-Key_1") == "bare-Key_1");
  CHECK(key_text("a.b") == "\"a.b\"");
  CHECK(key_text("") == "\"\"");
}

TEST_CASE("every prefix of a text is either laid out or refused") {
  const std::string text =
      "\xEF\xBB\xBF# c\r\na.\"b\" = [1, \"x\", '''y'''] # t\r\n[[p]]\r\ns = \"\"\"a\\\"b\"\"\"\r\n"
      "t = { u = 1, v = [ { } ] }\n[p.q]\nd = 2020-01-01\n";
  std::size_t accepted = 0;
  for (std::size_t size = 0; size <= text.size(); ++size)
    if (layout(text.substr(0, size))) ++accepted;
  CHECK(accepted > 10);
  CHECK(layout(text).has_value());
}
