#include "core/protocol/seal.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using protocol::is_token;
using protocol::open_tokens;
using protocol::seal;
using protocol::seal_token;
using protocol::unseal;

TEST_CASE("a sealed token says who made it and gives the data back byte for byte") {
  for (const char* data : {"", "gAAAA==", "a.b.c", "tp1.x.y.z", "\xff\n\""}) {
    const ir::Opaque opaque{"deepseek", "deep/seek v3:\xc3\xa9", "encrypted_content", data};
    CHECK(unseal(seal(opaque), "encrypted_content") == opaque);
  }
  const ir::Opaque no_model{"openai", "", "signature", "x"};
  CHECK(unseal(seal(no_model), "signature") == no_model);
}

TEST_CASE("a label put before a value in place is the same as sealing it") {
  const ir::Opaque opaque{"openai", "gpt", "encrypted_content", "data"};
  CHECK(protocol::seal_prefix("openai", "gpt") + "data" == seal(opaque));
  // Nothing in a label needs escaping inside a JSON string.
  CHECK(protocol::seal_prefix("a\"b\\", "\n").find_first_of("\"\\\n") == std::string::npos);
}

TEST_CASE("data without a label, or with a broken one, comes from nobody and stays whole") {
  for (const char* text :
       {"", "gAAAA", "tp1.", "tp1.b3BlbmFp", "tp1.b3BlbmFp.Z3B0", "tp1.!.Z3B0.x",
        "tp1.b3BlbmFp.?.x", "tp1...x", "tp2.", "tp2..Z3B0.x", "tp3.b3BlbmFp.Z3B0.x"}) {
    const ir::Opaque opaque = unseal(text, "signature");
    CHECK(opaque.provider == "");
    CHECK(opaque.model == "");
    CHECK(opaque.kind == "signature");
    CHECK(opaque.data == text);
  }
  CHECK(seal({"", "", "signature", "x"}) == "x");
}

TEST_CASE("a token proves that nothing of it was changed") {
  const ir::Opaque sealed{"openai", "gpt", "encrypted_content", "gAAA.with.dots"};
  const std::string token = seal_token(sealed, "key");
  CHECK(seal_token(sealed, "") == "");
  CHECK(seal_token({"", "", "", "x"}, "key") == "");

  const auto opened = [](const std::string& text, std::string_view key, std::size_t& lost) {
    ir::Request request;
    ir::Reasoning reasoning;
    reasoning.opaque = unseal(text, "signature");
    CHECK(is_token(*reasoning.opaque));
    request.items.push_back({std::move(reasoning)});
    std::vector<ir::Loss> losses;
    open_tokens(request, key, losses);
    lost = losses.size();
    return std::get<ir::Reasoning>(request.items[0].value).opaque;
  };
  std::size_t lost = 0;
  const auto back = opened(token, "key", lost);
  REQUIRE(back.has_value());
  CHECK(lost == 0);
  CHECK(back->provider == "openai");
  CHECK(back->model == "gpt");
  CHECK(back->data == "gAAA.with.dots");
  CHECK_FALSE(is_token(*back));

  // One of nothing only said who made what it came with.
  CHECK_FALSE(opened(seal_token({"openai", "gpt", "", ""}, "key"), "key", lost).has_value());
  CHECK(lost == 0);

  CHECK_FALSE(opened(token, "another key", lost).has_value());
  CHECK(lost == 1);
  CHECK_FALSE(opened(token, "", lost).has_value());
  // Any byte of the label, the proof or the data: whatever still looks like a token is refused.
  for (std::size_t i = 4; i < token.size(); ++i) {
    std::string forged = token;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    if (!is_token(unseal(forged, "signature"))) continue;
    CHECK_FALSE(opened(forged, "key", lost).has_value());
  }
}
