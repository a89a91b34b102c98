// Whole answers and errors of every protocol: they end, and every client is told in valid JSON.
#include "codecs.hpp"
#include "core/json/value.hpp"
#include "fuzz.hpp"

using namespace tpool;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = fuzz::text(data, size);
  const int status = size > 0 ? 400 + data[size - 1] % 200 : 400;
  for (const auto* from : fuzz::providers()) {
    const auto events = from->decode_answer(body, {}, {"fuzz", "model"});
    ir::Fold fold;
    for (const auto& event : events) fold.add(event);
    require(fold.finished() || fold.failure(), "every answer has an end");
    const auto failure = from->decode_error(status, body);
    for (const auto* to : fuzz::clients()) {
      const auto told = to->encode_error(failure, {});
      require(json::Document::parse(told.body).has_value(), "an error is JSON");
      require(told.status >= 400 && told.status <= 599, "an error has the status of one");
    }
    if (!fold.finished()) continue;
    const auto answer = fold.take();
    for (const auto* to : fuzz::clients())
      require(json::Document::parse(to->encode_answer(answer, fuzz::context())).has_value(),
              "a whole answer is JSON");
  }
  for (const auto* codec : fuzz::clients()) codec->glance_answer(body);
  return 0;
}
