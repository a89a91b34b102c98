#include "core/protocol/seal.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using protocol::seal;
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
  for (const char* text : {"", "gAAAA", "tp1.", "tp1.b3BlbmFp", "tp1.b3BlbmFp.Z3B0", "tp1.!.Z3B0.x",
                           "tp1.b3BlbmFp.?.x", "tp1...x", "tp2.b3BlbmFp.Z3B0.x"}) {
    const ir::Opaque opaque = unseal(text, "signature");
    CHECK(opaque.provider == "");
    CHECK(opaque.model == "");
    CHECK(opaque.kind == "signature");
    CHECK(opaque.data == text);
  }
  CHECK(seal({"", "", "signature", "x"}) == "x");
}
