#include <doctest/doctest.h>

#include "codex_scratch.hpp"
#include "core/connect/codex.hpp"

using namespace tpool;
using namespace tpool::connect;
using tpool::test::CodexScratch;

namespace {

// The scratch's pool, whose client `codex` may use these only.
std::shared_ptr<const catalog::Pool> pool_for(const std::vector<std::string>& models) {
  auto config = std::make_shared<config::Config>(*test::small_pool()->config);
  config->settings.effort_suffix = true;
  config->clients = {{.id = "other", .token_sha256 = std::string(64, '1')},
                     {.id = "codex", .token_sha256 = std::string(64, '0'), .models = models}};
  auto pool = catalog::build(config, {}, "r");
  REQUIRE(pool.has_value());
  return *pool;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a limited Codex starts with a model that it may use") {
  CodexScratch scratch;
  scratch.pool = pool_for({"*/deepseek-reasoner"});
  scratch.must_enable();
  CHECK(has(scratch.read(), "model = \"deepseek/deepseek-reasoner\""));
  scratch.must_disable();
  CHECK_FALSE(std::filesystem::exists(scratch.config()));
}

TEST_CASE("a model that Codex may not use any more gives way, and one it may use stays") {
  CodexScratch scratch;
  scratch.must_enable();
  REQUIRE(has(scratch.read(), "model = \"deepseek/deepseek-chat\""));
  scratch.pool = pool_for({"*/deepseek-reasoner"});
  const auto plan = plan_enable(scratch.paths, scratch.wiring, *scratch.pool);
  REQUIRE(plan.has_value());
  CHECK(has(plan->notes.back(),
            "deepseek/deepseek-chat, which client codex may not use; it is now "
            "deepseek/deepseek-reasoner"));
  scratch.must_enable();
  CHECK(has(scratch.read(), "model = \"deepseek/deepseek-reasoner\""));
  scratch.must_disable();
  CHECK_FALSE(std::filesystem::exists(scratch.config()));

  for (const std::string model : {"deepseek/deepseek-reasoner[1m]", "deepseek/deepseek-reasoner"}) {
    scratch.write("model = \"" + model + "\"\n");
    scratch.must_enable();
    CHECK(has(scratch.read(), "model = \"" + model + "\""));
    scratch.must_disable();
  }
}

TEST_CASE("a Codex that may use nothing of the pool is not wired to it") {
  CodexScratch scratch;
  scratch.pool = pool_for({"gamma/*"});
  const auto refused = scratch.enable();
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Code::invalid);
  CHECK(refused.error().message == "client codex may use no model that the pool offers");
  CHECK_FALSE(std::filesystem::exists(scratch.config()));
}
