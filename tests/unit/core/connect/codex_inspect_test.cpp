#include <doctest/doctest.h>

#include <algorithm>

#include "codex_scratch.hpp"
#include "core/connect/codex.hpp"
#include "core/connect/codex_files.hpp"

using namespace tpool;
using namespace tpool::connect;
using tpool::test::CodexScratch;

namespace {

// Sets variables for one test and puts back what was there.
class Environment {
 public:
  using Variables = std::vector<std::pair<const char*, const char*>>;

  explicit Environment(const Variables& set = {}) {
    for (const auto* name :
         {"HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"}) {
      const char* value = std::getenv(name);
      saved_.emplace_back(name, value ? std::optional<std::string>(value) : std::nullopt);
      ::unsetenv(name);
    }
    for (const auto& [name, value] : set) ::setenv(name, value, 1);
  }
  Environment(const Environment&) = delete;
  ~Environment() {
    for (const auto& [name, value] : saved_) {
      if (value)
        ::setenv(name, value->c_str(), 1);
      else
        ::unsetenv(name);
    }
  }

 private:
  std::vector<std::pair<const char*, std::optional<std::string>>> saved_;
};

bool warns(const Wired& wired, const std::string& part) {
  return std::any_of(wired.traps.begin(), wired.traps.end(),
                     [&](const std::string& trap) { return trap.find(part) != std::string::npos; });
}

}  // namespace

TEST_CASE("inspect says how Codex is wired, and an unwired one has no traps") {
  const Environment clean(Environment::Variables{{"HTTP_PROXY", "http://10.0.0.1:8080"}});
  CodexScratch scratch;
  auto wired = inspect(scratch.paths, scratch.home);
  REQUIRE(wired.has_value());
  CHECK_FALSE(wired->config);
  CHECK_FALSE(wired->profile);
  CHECK(wired->traps.empty());
  CHECK_FALSE(wired_token(scratch.home));
}

TEST_CASE("inspect reads mode, address, token and model from either file") {
  const Environment clean;
  CodexScratch scratch;
  scratch.must_enable();
  auto wired = inspect(scratch.paths, scratch.home, "127.0.0.1:3301");
  CHECK(wired->config);
  CHECK_FALSE(wired->profile);
  CHECK(wired->token);
  CHECK(wired->mode == CatalogMode::live);
  CHECK(wired->base_url == "http://127.0.0.1:3301/v1");
  CHECK(wired->model == "deepseek/deepseek-chat");
  CHECK(wired->traps.empty());
  CHECK(wired_token(scratch.home)->reveal() == "tpool_first-token");
  scratch.must_disable();

  scratch.wiring.profile = true;
  scratch.wiring.mode = CatalogMode::file;
  scratch.must_enable();
  wired = inspect(scratch.paths, scratch.home);
  CHECK_FALSE(wired->config);
  CHECK(wired->profile);
  CHECK(wired->mode == CatalogMode::file);
  CHECK(wired_token(scratch.home)->reveal() == "tpool_first-token");
}

TEST_CASE("a proxy that would catch loopback calls is a trap, unless NO_PROXY exempts them") {
  CodexScratch scratch;
  scratch.must_enable();
  {
    const Environment proxied(Environment::Variables{{"ALL_PROXY", "socks5://10.0.0.1:1080"}});
    CHECK(warns(*inspect(scratch.paths, scratch.home), "ALL_PROXY"));
  }
  {
    const Environment other({{"HTTP_PROXY", "http://p"}, {"NO_PROXY", "example.com, localhost"}});
    CHECK(warns(*inspect(scratch.paths, scratch.home), "NO_PROXY"));
  }
  for (const auto* exempt : {"127.0.0.1", "localhost, 127.0.0.1 ,x", "*", "127.0.0.0/8"}) {
    const Environment fine({{"http_proxy", "http://p"}, {"no_proxy", exempt}});
    CHECK(inspect(scratch.paths, scratch.home)->traps.empty());
  }
}

TEST_CASE("a catalog file that wins, another port and another provider are traps") {
  const Environment clean;
  CodexScratch scratch;
  scratch.must_enable();
  CHECK(warns(*inspect(scratch.paths, scratch.home, "127.0.0.1:4000"), "127.0.0.1:4000"));
  const auto wired = scratch.read();
  scratch.write("model_catalog_json = \"/x.json\"\n" + wired);
  CHECK(warns(*inspect(scratch.paths, scratch.home), "/x.json"));
  auto other = wired;
  other.replace(other.find("\"tpool\""), 7, "\"openai\"");
  scratch.write(other);
  CHECK(warns(*inspect(scratch.paths, scratch.home), "openai"));
}

TEST_CASE("a catalog file of the base config wins over the profile, which is a trap too") {
  const Environment clean;
  CodexScratch scratch;
  scratch.write("model_catalog_json = \"/x.json\"\n");
  scratch.wiring.profile = true;
  scratch.must_enable();
  CHECK(warns(*inspect(scratch.paths, scratch.home), "/x.json"));
  CHECK(scratch.read() == "model_catalog_json = \"/x.json\"\n");
}

TEST_CASE("a listener on every address is reached on loopback") {
  CHECK(base_url_for("0.0.0.0:3301") == "http://127.0.0.1:3301/v1");
  CHECK(base_url_for("[::]:3301") == "http://127.0.0.1:3301/v1");
  CHECK(base_url_for(":3301") == "http://127.0.0.1:3301/v1");
  CHECK(base_url_for("[::1]:3301") == "http://[::1]:3301/v1");
  CHECK(base_url_for("localhost:80") == "http://localhost:80/v1");
}
