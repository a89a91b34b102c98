#include "core/ir/tool_names.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

using namespace tpool::ir;

namespace {

Tool tool(std::string name, std::string space = {}, ToolKind kind = ToolKind::function) {
  Tool out;
  out.kind = kind;
  out.name = std::move(name);
  out.space = std::move(space);
  return out;
}

Item call(std::string name, std::string space = {}, ToolKind kind = ToolKind::function) {
  ToolCall out;
  out.kind = kind;
  out.name = std::move(name);
  out.space = std::move(space);
  return {out};
}

Request request(std::vector<Tool> tools, std::vector<Item> items = {}) {
  Request out;
  out.tools = std::move(tools);
  out.items = std::move(items);
  return out;
}

void check_sound(const ToolNames& names, const Request& from, std::size_t limit) {
  std::set<std::string> seen;
  const auto check = [&](ToolKind, const std::string& space, const std::string& name) {
    const std::string wire = names.wire(space, name);
    CHECK(!wire.empty());
    CHECK(wire.size() <= limit);
    CHECK(wire.find_first_not_of(
              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
          std::string::npos);
    const auto* back = names.find(wire);
    REQUIRE(back);
    CHECK(back->space == space);
    CHECK(back->name == name);
  };
  for (const Tool& t : from.tools)
    if (t.kind != ToolKind::hosted) check(t.kind, t.space, t.name);
  for (const Item& item : from.items)
    if (const auto* c = std::get_if<ToolCall>(&item.value)) check(c->kind, c->space, c->name);
}

}  // namespace

TEST_CASE("a name that fits is kept, a namespaced one is joined, and both lead back") {
  const ToolNames names(
      request({tool("exec_command"), tool("apply_patch", "", ToolKind::custom),
               tool("read", "mcp__files"), tool("web_search", "", ToolKind::hosted)}),
      64);
  CHECK(names.wire("", "exec_command") == "exec_command");
  CHECK(names.wire("mcp__files", "read") == "mcp__files__read");
  CHECK(names.find("apply_patch")->kind == ToolKind::custom);
  CHECK(names.find("mcp__files__read")->space == "mcp__files");
  CHECK(names.find("mcp__files__read")->name == "read");
  CHECK_FALSE(names.find("web_search"));
  CHECK_FALSE(names.find("never"));
  CHECK(names.wire("", "no.such") == "no_such");
}

TEST_CASE("the same tool in two namespaces, and a plain one named like a joined one, stay apart") {
  const Request from = request({tool("get", "a"), tool("get", "b"), tool("get"), tool("a__get"),
                                tool("b__get"), tool("get", "a__get")});
  const ToolNames names(from, 64);
  check_sound(names, from, 64);
  CHECK(names.wire("a", "get") == "a__get");
  CHECK(names.wire("", "get") == "get");
  CHECK(names.wire("", "a__get").rfind("a__get_", 0) == 0);
}

TEST_CASE("long names are cut, foreign characters replaced, and none of them collide") {
  const std::string stem(80, 'x');
  const Request from =
      request({tool(stem + "1"), tool(stem + "2"), tool("p.q"), tool("p_q"), tool("p/q"),
               tool("\xe4\xb8\xad"), tool(""), tool(std::string(64, 'y')),
               tool(std::string(65, 'y')), tool("t", stem)});
  for (const std::size_t limit : {64, 20, 16}) {
    const ToolNames names(from, limit);
    check_sound(names, from, limit);
  }
  CHECK(ToolNames(from, 64).wire("", std::string(64, 'y')) == std::string(64, 'y'));
  CHECK(ToolNames(from, 64).wire("", "p.q") == "p_q");
  check_sound(ToolNames(from, 0), from, 16);
}

TEST_CASE("a name depends on its tool and the tools before it only") {
  const std::string stem(80, 'x');
  const std::vector<Tool> tools = {tool(stem + "1"), tool("a.b"), tool("a_b"), tool("n", stem)};
  std::vector<Tool> more = tools;
  more.push_back(tool("a/b"));
  more.push_back(tool(stem + "2"));
  const ToolNames before(request(tools), 64);
  const ToolNames after(request(more, {call("a:b"), call(stem + "3")}), 64);
  for (const Tool& t : tools) CHECK(before.wire(t.space, t.name) == after.wire(t.space, t.name));
  // Fixed for good: a changed hash would empty every prompt cache.
  CHECK(before.wire("", stem + "1") == std::string(55, 'x') + "_823ce42a");
}

TEST_CASE("calls of the history to tools no longer declared have names as well") {
  const Request from = request({tool("a_b")}, {call("a.b"), call("a_b"), call("get", "gone"),
                                               call("a.b"), call("patch", "", ToolKind::custom)});
  const ToolNames names(from, 64);
  check_sound(names, from, 64);
  CHECK(names.wire("", "a_b") == "a_b");
  CHECK(names.wire("", "a.b") != "a_b");
  CHECK(names.find("patch")->kind == ToolKind::custom);
}

TEST_CASE("any set of names stays reversible") {
  std::mt19937 dice(9);
  for (int round = 0; round < 300; ++round) {
    const auto word = [&] {
      std::string out;
      for (unsigned i = dice() % 12; i > 0; --i) out += "ab_.-"[dice() % 5];
      return out;
    };
    Request from;
    for (int i = 0; i < 30; ++i) from.tools.push_back(tool(word(), dice() % 2 ? word() : ""));
    for (int i = 0; i < 10; ++i) from.items.push_back(call(word()));
    check_sound(ToolNames(from, 16), from, 16);
  }
}

TEST_CASE("where names must begin with a letter, others get an underscore") {
  Request from;
  from.tools = {tool("3d_look"), tool("_3d_look"), tool("-x"), tool("look")};
  const ToolNames names(from, 64, true);
  CHECK(names.wire("", "look") == "look");
  CHECK(names.wire("", "3d_look") == "_3d_look");
  CHECK(names.wire("", "_3d_look") != "_3d_look");
  CHECK(names.wire("", "-x") == "_-x");
  CHECK(names.find("_3d_look")->name == "3d_look");
  CHECK(ToolNames(from, 64).wire("", "3d_look") == "3d_look");
}
