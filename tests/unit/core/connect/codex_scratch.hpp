// A scratch CODEX_HOME and state folder, a small pool, and the steps every wiring test takes.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

#include "core/connect/codex.hpp"

namespace tpool::test {

inline std::shared_ptr<const catalog::Pool> small_pool() {
  auto config = std::make_shared<config::Config>();
  config::Provider provider;
  provider.id = "deepseek";
  provider.preset = "deepseek";
  provider.models = std::vector<std::string>{"deepseek-chat", "deepseek-reasoner"};
  config->providers = {provider};
  auto pool = catalog::build(config, {}, "r1");
  REQUIRE(pool.has_value());
  return *pool;
}

struct CodexScratch {
  std::filesystem::path root;
  std::filesystem::path home;
  config::Paths paths;
  std::shared_ptr<const catalog::Pool> pool = small_pool();
  connect::Wiring wiring;

  CodexScratch() {
    auto name = (std::filesystem::temp_directory_path() / "tpool-wiring-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    root = name;
    home = root / "codex";
    std::filesystem::create_directory(home);
    paths.state = root / "state";
    wiring.codex_home = home;
    wiring.listen = "127.0.0.1:3301";
    wiring.token = config::Secret("tpool_first-token");
    wiring.catalog_json = R"({"object":"list","data":[],"models":[]})";
  }
  CodexScratch(const CodexScratch&) = delete;
  CodexScratch& operator=(const CodexScratch&) = delete;
  ~CodexScratch() {
    std::error_code ignored;
    std::filesystem::permissions(home, std::filesystem::perms::owner_all, ignored);
    std::filesystem::remove_all(root, ignored);
  }

  std::filesystem::path config() const { return home / "config.toml"; }
  std::filesystem::path profile() const { return home / "tpool.config.toml"; }
  std::filesystem::path catalog_file() const { return home / "tpool-models.json"; }

  static void write(const std::filesystem::path& file, const std::string& text) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << text;
  }
  static std::string read(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& text) const { write(config(), text); }
  std::string read() const { return read(config()); }

  Result<> enable() const {
    auto plan = connect::plan_enable(paths, wiring, *pool);
    if (!plan) return plan.error();
    return connect::apply_enable(paths, wiring, *plan);
  }
  Result<connect::Plan> disable() const {
    auto plan = connect::plan_disable(paths, home, pool.get());
    if (!plan) return plan;
    if (auto applied = connect::apply_disable(paths, home, *plan); !applied) return applied.error();
    return plan;
  }
  void must_enable() const {
    auto enabled = enable();
    REQUIRE_MESSAGE(enabled.has_value(), (enabled ? std::string() : enabled.error().message));
  }
  connect::Plan must_disable() const {
    auto disabled = disable();
    REQUIRE_MESSAGE(disabled.has_value(), (disabled ? std::string() : disabled.error().message));
    return *disabled;
  }
  void forget_snapshots() const { std::filesystem::remove_all(paths.snapshots()); }
};

}  // namespace tpool::test
