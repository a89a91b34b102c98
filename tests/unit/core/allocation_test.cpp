// Memory that cannot be had, at each request for it in turn: what was asked for ends in
// std::bad_alloc or in an error, and asked again it is what it always was. Without ASan alone,
// which has its own operator new, and knows more of what is done with it.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <new>

#include "core/catalog/facts_book.hpp"
#include "core/catalog/pool.hpp"
#include "core/config/toml.hpp"
#include "core/ir/fold.hpp"
#include "core/json/jsonc.hpp"
#include "core/protocol/registry.hpp"

#if !defined(__SANITIZE_ADDRESS__)

namespace {

thread_local long allocations_left = -1;
thread_local bool was_refused = false;

void* allocate(std::size_t size, std::size_t alignment) {
  if (allocations_left >= 0 && allocations_left-- == 0) {
    was_refused = true;
    throw std::bad_alloc();
  }
  void* memory = alignment > alignof(std::max_align_t)
                     ? std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)
                     : std::malloc(size ? size : 1);
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size, 1); }
void* operator new[](std::size_t size) { return allocate(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace tpool;
using namespace tpool::protocol;

namespace {

namespace fs = std::filesystem;

std::string read(const std::string& name) {
  std::ifstream in(fs::path(TPOOL_TESTS_DIR) / "golden" / name, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The n-th allocation of `work` is refused, for growing n, until it needs no more of them.
void refuse_each(const std::function<std::string()>& work) {
  const std::string whole = work();
  REQUIRE_FALSE(whole.empty());
  long refusals = 0;
  for (long n = 0;; n += 1 + n / 64) {
    std::string got;
    was_refused = false;
    allocations_left = n;
    try {
      got = work();
    } catch (const std::bad_alloc&) {
      got = "out of memory";
    }
    allocations_left = -1;
    if (!was_refused) {
      CHECK(got == whole);
      break;
    }
    ++refusals;
    if (n % 16 == 0) CHECK(work() == whole);
  }
  CHECK(refusals > 3);
}

const Protocol clients[] = {Protocol::responses, Protocol::chat, Protocol::messages};
const Protocol providers[] = {Protocol::responses, Protocol::chat, Protocol::messages,
                              Protocol::gemini};

}  // namespace

TEST_CASE("a request that finds no memory is none, and no end of the program") {
  for (const auto& [from, name] :
       {std::pair{Protocol::responses, "request/responses/mcp_tools.json"},
        {Protocol::chat, "request/chat/all_parts.json"},
        {Protocol::messages, "request/messages/agent_turn.json"}}) {
    const std::string body = read(name);
    for (const Protocol to : providers) {
      CAPTURE(to_string(from));
      CAPTURE(to_string(to));
      refuse_each([&, from = from]() -> std::string {
        const auto request = codec(from)->decode_request(body);
        if (!request) return request.error().message;
        return provider_codec(to)->encode_request(*request, {"alpha", "model"}).body;
      });
    }
  }
}

TEST_CASE("a stream that finds no memory ends, and ends alone") {
  for (const auto& [from, name] :
       {std::pair{Protocol::responses, "stream/responses/codex_parallel_tools.sse"},
        {Protocol::chat, "stream/chat/parallel_tools_interleaved.sse"},
        {Protocol::messages, "stream/messages/thinking_and_parallel_tools.sse"},
        {Protocol::gemini, "stream/gemini/thoughts_and_call.sse"}}) {
    const std::string bytes = read(name);
    for (const Protocol to : clients) {
      CAPTURE(to_string(from));
      CAPTURE(to_string(to));
      refuse_each([&, from = from] {
        const Target target{"alpha", "model"};
        const ir::ToolNames names;
        const auto decoder = provider_codec(from)->decoder(names, target);
        std::vector<ir::Event> events;
        SseReader reader;
        SseEvent event;
        reader.feed(bytes);
        while (reader.next(event)) decoder->feed(event, events);
        decoder->end(events);
        ReplyContext context;
        context.model = "alpha/model";
        context.answer_id = "resp_1";
        const auto encoder = codec(to)->encoder(context);
        std::string out;
        ir::Fold fold;
        for (const auto& one : events) {
          encoder->write(one, out);
          fold.add(one);
        }
        return out + codec(to)->encode_answer(fold.take(), context);
      });
    }
  }
}

TEST_CASE("a store, a pool, facts and a client's settings that find no memory are as they were") {
  const std::string store =
      "version = 1\n[[provider]]\nid = \"a\"\nprotocol = \"chat\"\nbase_url = \"http://h/v1\"\n"
      "models = [\"m\", \"n\"]\n[[alias]]\nname = \"x\"\ntarget = \"a/m\"\n";
  refuse_each([&]() -> std::string {
    const auto config = config::parse(store, "store");
    if (!config) return config.error().message;
    const auto pool = catalog::build(std::make_shared<const config::Config>(*config), {}, "r");
    return pool ? (*pool)->entries.front().name : pool.error().message;
  });
  refuse_each([]() -> std::string {
    const auto book = catalog::FactsBook::parse(
        R"({"openai":{"models":{"m":{"limit":{"context":5},"cost":{"input":1}}}}})", "", "");
    return book ? book->text() : book.error().message;
  });
  refuse_each([]() -> std::string {
    const auto put = json::with_value("{ // c\n \"a\": {\"b\": 1},\n}", {"a", "c"}, "[\n1]");
    return put ? json::without_value(*put, {"a", "b"}) : put.error().message;
  });
}

#endif
