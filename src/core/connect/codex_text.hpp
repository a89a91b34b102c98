// Codex's config.toml as text: what it says of us, and our keys put in and taken out.
//
// Only root `model`, `model_provider`, `model_catalog_json` and everything under
// model_providers.tpool are ever touched; every other byte stays, line endings included. Our table
// carries a mark, so that it is told from a user's own table of that name. The texts must be valid
// TOML. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/connect/snapshot.hpp"
#include "core/error.hpp"

namespace tpool::connect {

inline constexpr std::string_view provider_name = "tpool";

// What a config.toml says where it concerns us.
struct CodexFacts {
  std::optional<std::string> model;
  std::optional<std::string> model_provider;
  std::optional<std::string> model_catalog_json;
  bool provider = false;  // model_providers.tpool is defined, by whomever
  bool ours = false;      // ... and by us
  std::string base_url;
  std::string token;
  std::string catalog_url;
};
Result<CodexFacts> read_codex(std::string_view text);

struct CodexValues {
  std::optional<std::string> model;  // nullopt: leave it as it is
  std::string base_url;
  std::string token;
  std::optional<std::string> catalog_url;   // live
  std::optional<std::string> catalog_file;  // file; with neither or live the root key goes away
};

struct PutIn {
  std::string text;
  std::map<std::string, std::string> written;  // root keys -> raw values, as now in the text
};
Result<PutIn> put_in(std::string_view text, const CodexValues& values);

struct TakeOut {
  // Whether a model name is one of the pool's.
  std::function<bool(std::string_view)> in_pool;
  std::string catalog_file;  // the path we would write into model_catalog_json
  const Snapshot* snapshot = nullptr;
};
struct TakenOut {
  std::string text;
  bool changed = false;
  std::vector<std::string> notes = {};
};
Result<TakenOut> take_out(std::string_view text, const TakeOut& how);

}  // namespace tpool::connect
