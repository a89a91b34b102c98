#include <filesystem>

#include "cli/admin_client.hpp"
#include "cli/apply_edit.hpp"
#include "cli/codex_wiring.hpp"
#include "cli/pool.hpp"
#include "cli/pool_view.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

struct HomeState {
  std::filesystem::path home;
  connect::Wired wired;
  std::string error;
};

struct PoolState {
  bool enabled = false;
  std::size_t models = 0;
  std::string default_model;
  std::string listen;
  bool serving = false;
  std::vector<HomeState> homes;
};

Result<PoolState> look(Context& context, const config::Loaded& loaded) {
  const auto pool = build_pool(context.paths, loaded.config, loaded.revision);
  if (!pool) return pool.error();
  PoolState state{.enabled = loaded.config.pool.enabled, .listen = listen_of(loaded.config)};
  state.models = listed(**pool);
  if (const auto* entry = first_model(**pool)) state.default_model = entry->name;
  state.serving = serve_is_running(context.paths);

  auto homes = known_homes(context.paths);
  if (!homes) return homes.error();
  if (const auto folder = context.args.value("--codex-home")) {
    const auto home = connect::codex_home(std::filesystem::path(*folder));
    if (!home) return home.error();
    homes = std::vector<std::filesystem::path>{*home};
  }
  for (const auto& home : *homes) {
    HomeState each{.home = home};
    const auto wired = connect::inspect(context.paths, home, state.listen);
    if (wired) each.wired = *wired;
    if (!wired) each.error = wired.error().message;
    if (wired && (wired->config || wired->profile) && !state.serving)
      each.wired.traps.push_back("nothing serves on " + state.listen +
                                 ", so Codex waits for ever: tpool serve");
    if (wired && (wired->config || wired->profile) && !state.enabled)
      each.wired.traps.push_back(
          "Codex is wired, but the pool is off: tpool pool enable, or tpool "
          "pool disable to take it out");
    if (wired && !wired->config && !wired->profile && state.enabled)
      each.wired.traps.push_back("the pool is on, but this Codex is not wired: tpool pool enable");
    state.homes.push_back(std::move(each));
  }
  return state;
}

std::string_view mode_of(const connect::Wired& wired) {
  if (!wired.config && !wired.profile) return "none";
  return wired.mode == connect::CatalogMode::file ? "file" : "live";
}

void print_json(Context& context, const PoolState& state) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  writer.member("enabled", state.enabled).member("models", state.models).key("default_model");
  state.default_model.empty() ? writer.null() : writer.string(state.default_model);
  writer.key("serve").begin_object();
  writer.member("running", state.serving).member("listen", state.listen).end_object();
  writer.key("codex").begin_array();
  for (const auto& each : state.homes) {
    writer.begin_object().member("home", each.home.string());
    writer.member("wired", each.wired.config || each.wired.profile);
    writer.member("profile", each.wired.profile).member("catalog", mode_of(each.wired));
    writer.key("base_url");
    each.wired.base_url.empty() ? writer.null() : writer.string(each.wired.base_url);
    writer.key("error");
    each.error.empty() ? writer.null() : writer.string(each.error);
    writer.key("traps").begin_array();
    for (const auto& trap : each.wired.traps) writer.string(trap);
    writer.end_array().end_object();
  }
  writer.end_array().end_object();
  context.out.document(text);
}

std::string describe(const connect::Wired& wired) {
  if (!wired.config && !wired.profile) return "not wired";
  std::string text = "wired, " + std::string(mode_of(wired)) + " catalog";
  if (!wired.base_url.empty()) text += ", " + wired.base_url;
  if (!wired.config) text += ", only for codex -p tpool";
  return text;
}

}  // namespace

Result<> pool_status(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto state = look(context, *loaded);
  if (!state) return state.error();
  if (context.out.json()) {
    print_json(context, *state);
    return {};
  }
  const auto& out = context.out;
  const auto line = [&](const char* name, const std::string& value, Style style) {
    std::string head(name);
    head.resize(9, ' ');
    return out.paint(Style::dim, head) + out.paint(style, value) + "\n";
  };
  std::string text =
      line("pool", state->enabled ? "on" : "off", state->enabled ? Style::good : Style::caution);
  text += line("models",
               std::to_string(state->models) +
                   (state->default_model.empty() ? "" : ", default " + state->default_model),
               Style::plain);
  text += line("serve", state->serving ? "running on " + state->listen : "not running",
               state->serving ? Style::good : Style::caution);
  for (const auto& each : state->homes) {
    const auto words = each.error.empty() ? describe(each.wired) : each.error;
    text += line("codex", each.home.string() + ": " + words,
                 each.error.empty() ? Style::plain : Style::bad);
  }
  context.out.data(text);
  for (const auto& each : state->homes)
    for (const auto& trap : each.wired.traps) context.out.warn(trap);
  context.out.next(next_step(context, loaded->config));
  return {};
}

Result<> pool_list(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return pool.error();
  std::vector<const catalog::Entry*> entries;
  for (const auto& entry : (*pool)->entries)
    if (!entry.hidden || context.args.has("--all")) entries.push_back(&entry);
  print_entries(context, **pool, entries);
  if (entries.empty()) context.out.next(next_step(context, loaded->config));
  return {};
}

}  // namespace tpool::cli
