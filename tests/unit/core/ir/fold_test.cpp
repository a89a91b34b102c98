#include "core/ir/fold.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace tpool::ir;

namespace {

Answer fold(const std::vector<Event>& events) {
  Fold fold;
  for (const Event& event : events) fold.add(event);
  CHECK(fold.finished());
  CHECK_FALSE(fold.failure());
  return fold.take();
}

// Every text cut into single bytes, as a slow provider sends it.
std::vector<Event> dripped(const std::vector<Event>& events) {
  std::vector<Event> out;
  for (const Event& event : events) {
    if (const auto* delta = std::get_if<Delta>(&event)) {
      for (const char c : delta->text) out.push_back(Delta{delta->index, std::string(1, c)});
    } else if (const auto* summary = std::get_if<SummaryDelta>(&event)) {
      out.push_back(SummaryDelta{summary->index, summary->part, ""});
      for (const char c : summary->text)
        out.push_back(SummaryDelta{summary->index, summary->part, std::string(1, c)});
    } else {
      out.push_back(event);
    }
  }
  return out;
}

Answer random_answer(std::mt19937& dice) {
  const auto word = [&] { return std::string(dice() % 9, static_cast<char>('a' + dice() % 26)); };
  const auto opaque = [&]() -> std::optional<Opaque> {
    if (dice() % 2) return std::nullopt;
    return Opaque{word(), word(), "signature", word()};
  };
  Answer answer{word(), word(), {}, static_cast<Finish>(dice() % 5), {}};
  if (dice() % 2) answer.usage = Usage{static_cast<int>(dice() % 100), 3000000000, 1, 2, 3};
  const int count = static_cast<int>(dice() % 6);
  for (int i = 0; i < count; ++i) {
    switch (dice() % 3) {
      case 0: {
        Message message{
            Role::assistant, {}, "msg_" + std::to_string(i), dice() % 2 ? "commentary" : ""};
        for (unsigned n = 1 + dice() % 3; n > 0; --n) {
          if (dice() % 3)
            message.parts.push_back({Text{word()}});
          else
            message.parts.push_back({Refusal{word()}});
        }
        answer.items.push_back({message});
        break;
      }
      case 1: {
        Reasoning reasoning{{}, word(), opaque(), word()};
        for (unsigned n = dice() % 3; n > 0; --n) reasoning.summary.push_back(word());
        answer.items.push_back({reasoning});
        break;
      }
      default:
        answer.items.push_back({ToolCall{static_cast<ToolKind>(dice() % 3), word(), word(), word(),
                                         word(), word(), opaque()}});
    }
  }
  return answer;
}

}  // namespace

TEST_CASE("an answer unfolded and folded again is the same answer, in any pieces") {
  std::mt19937 dice(2);
  for (int i = 0; i < 2000; ++i) {
    const Answer answer = random_answer(dice);
    CHECK(fold(unfold(answer)) == answer);
    CHECK(fold(dripped(unfold(answer))) == answer);
  }
}

TEST_CASE("blocks may interleave, and items keep the order in which they began") {
  const Answer answer = fold({
      Started{"r1", "m"},
      BlockStart{7, BlockKind::tool_call, "", ToolKind::function, "c1", "a"},
      BlockStart{3, BlockKind::tool_call, "", ToolKind::custom, "c2", "b"},
      Delta{3, "x"},
      Delta{7, "{"},
      Delta{3, "y"},
      BlockEnd{3},
      Delta{3, "late"},
      Delta{7, "}"},
      Delta{99, "nobody's"},
      Finished{Finish::tool_calls},
  });
  REQUIRE(answer.items.size() == 2);
  CHECK(std::get<ToolCall>(answer.items[0].value).input == "{}");
  CHECK(std::get<ToolCall>(answer.items[1].value).input == "xy");
  CHECK(answer.finish == Finish::tool_calls);
}

TEST_CASE("an index that is used again begins a new item") {
  const Answer answer = fold({BlockStart{0, BlockKind::reasoning}, Delta{0, "a"},
                              BlockStart{0, BlockKind::text}, Delta{0, "b"}, Finished{}});
  REQUIRE(answer.items.size() == 2);
  CHECK(std::get<Reasoning>(answer.items[0].value).text == "a");
}

TEST_CASE("summary parts follow their order, whatever numbers a provider gives them") {
  const Answer answer =
      fold({BlockStart{0, BlockKind::reasoning}, SummaryDelta{0, 2000000000, "a"},
            SummaryDelta{0, 2000000000, "b"}, SummaryDelta{0, -5, "c"}, Finished{}});
  CHECK(std::get<Reasoning>(answer.items[0].value).summary == std::vector<std::string>{"ab", "c"});
}

TEST_CASE("a failed stream is never taken for a whole answer") {
  Fold fold;
  fold.add(Started{"r", "m"});
  fold.add(BlockStart{0, BlockKind::text});
  fold.add(Delta{0, "half"});
  Failure failure;
  failure.kind = Failure::Kind::cut;
  fold.add(Failed{failure});
  fold.add(Finished{});
  CHECK_FALSE(fold.finished());
  REQUIRE(fold.failure());
  CHECK(fold.failure()->kind == Failure::Kind::cut);
  CHECK(fold.take() == Answer{});
}

TEST_CASE("opaque data of a message is kept as an item of its own") {
  const Opaque opaque{"p", "m", "thought_signature", "x"};
  const Answer answer =
      fold({BlockStart{0, BlockKind::text}, Sealed{0, opaque}, Delta{0, "t"}, Finished{}});
  REQUIRE(answer.items.size() == 2);
  CHECK(std::get<Reasoning>(answer.items[1].value).opaque == opaque);
}
