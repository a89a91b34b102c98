#include "core/protocol/echo/markers.hpp"

#include <doctest/doctest.h>

#include "../../cpu_time.hpp"

using namespace tpool;
using namespace tpool::protocol::echo;

namespace {

Markers read(std::string_view text) {
  auto markers = read_markers(text);
  REQUIRE(markers.has_value());
  return *markers;
}

std::string refusal(std::string_view text) {
  const auto markers = read_markers(text);
  return markers ? "accepted" : markers.error().message + "; " + markers.error().hint;
}

}  // namespace

TEST_CASE("markers are taken out of the text around them") {
  const Markers m = read(" Hello [[pace 20ms]][[reason deep thought]] world [[tokens 7]] ");
  CHECK(m.text == "Hello  world");
  CHECK(m.pace == Milliseconds(20));
  CHECK(m.reason == "deep thought");
  CHECK(m.tokens == 7);
  CHECK_FALSE(m.status);
  CHECK_FALSE(m.cut_after);
  CHECK_FALSE(m.silent_after);
  CHECK(read("").text == "");
}

TEST_CASE("a call takes JSON whatever brackets it holds, or any text") {
  CHECK(read(R"([[call exec_command {"cmd":"ls"}]])").calls[0] ==
        CallMarker{"exec_command", R"({"cmd":"ls"})"});
  CHECK(read(R"([[ call f {"a":[[1]],"b":"]]\"}"} ]] x)").calls[0] ==
        CallMarker{"f", R"({"a":[[1]],"b":"]]\"}"})"});
  CHECK(read("[[call apply_patch *** Begin Patch\n*** End Patch\n]]").calls[0] ==
        CallMarker{"apply_patch", "*** Begin Patch\n*** End Patch"});
  CHECK(read("[[call space/name]]").calls[0] == CallMarker{"space/name", ""});
  CHECK(read("[[call f {broken]] rest").calls[0] == CallMarker{"f", "{broken"});
  CHECK(read("[[call a]] and [[call b {}]]").calls.size() == 2);
}

TEST_CASE("a status may carry a hint and a code") {
  const StatusMarker status = *read("[[status 429 retry-after=2 code=slow_down]]").status;
  CHECK(status == StatusMarker{429, Milliseconds(2000), "slow_down"});
  CHECK(read("[[status 503 retry-after=500ms]]").status->retry_after == Milliseconds(500));
  CHECK(read("[[status 404]]").status == StatusMarker{404});
  CHECK(read("[[cut 0]]").cut_after == 0);
  CHECK(read("[[silence]]").silent_after == 0);
  CHECK(read("[[silence 3]]").silent_after == 3);
}

TEST_CASE("other brackets are text") {
  for (const char* text : {"[[wiki link]]", "a[[0]]", "[[", "]]", "[[call f", "[[]]", "[x] [[ ]]"})
    CHECK(read(text).text == text);
  const Markers m = read("[[x [[pace 1s]]");
  CHECK(m.pace == Milliseconds(1000));
  CHECK(m.text == "[[x");
}

TEST_CASE("a known word used wrongly is refused, and the right form named") {
  CHECK(refusal("[[pace fast]]") ==
        "echo does not understand [[pace fast]]; Write it as [[pace 20ms]], at most 60s");
  for (const char* text :
       {"[[pace]]", "[[pace 61s]]", "[[pace -1ms]]", "[[pace 99999999999999s]]", "[[tokens 0]]",
        "[[tokens 100001]]", "[[status]]", "[[status 200]]", "[[status 600]]", "[[status 429 x]]",
        "[[status 429 retry-after=soon]]", "[[status 429 code=]]", "[[cut]]", "[[cut -1]]",
        "[[silence x]]", "[[call]]", "[[reason]]"})
    CHECK_MESSAGE(refusal(text) != "accepted", text);
  CHECK(refusal("[[tokens " + std::string(5000, '9') + "]]").size() < 300);
}

TEST_CASE("a text full of brackets takes linear time") {
  std::string text;
  while (text.size() < std::size_t{4} << 20) text += "[[call x {\"a";
  const testing::CpuTime spent;
  CHECK(read(text).text.size() > 0);
  CHECK(read(text + "]]").calls.size() <= 128);
  CHECK(spent.seconds() < 20);
}
