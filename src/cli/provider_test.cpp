#include <algorithm>
#include <set>

#include "cli/apply_edit.hpp"
#include "cli/pool_view.hpp"
#include "cli/provider.hpp"
#include "cli/table.hpp"
#include "core/catalog/model_lists.hpp"
#include "core/catalog/presets.hpp"
#include "core/json/write.hpp"
#include "proxy/probe.hpp"

namespace tpool::cli {
namespace {

// Ids of the models the pool offers from one provider, without the provider's id.
std::vector<std::string> offered(const catalog::Pool& pool, const std::string& provider) {
  std::vector<std::string> models;
  for (const auto& entry : pool.entries)
    if (entry.kind == catalog::Entry::Kind::slug && entry.name.starts_with(provider + "/"))
      models.push_back(entry.name.substr(provider.size() + 1));
  return models;
}

// The one to call when one is enough: the preset's own choice when it is offered, else the first.
std::string representative(const config::Provider& provider,
                           const std::vector<std::string>& models) {
  if (const auto* preset = catalog::find_preset(provider.preset.value_or("")); preset)
    for (const auto& model : preset->models)
      if (std::find(models.begin(), models.end(), model) != models.end()) return std::string(model);
  return models.empty() ? std::string() : models.front();
}

// Fetches and remembers a provider's list.
Result<std::vector<std::string>> fetch_list(Context& context, const config::Config& config,
                                            const config::Provider& provider, bool remember) {
  context.out.progress("asking " + provider.id + " for its models ...");
  auto models = proxy::fetch_models(config, provider.id);
  if (!models) return models.error();
  if (!remember) return models;
  if (auto saved = catalog::save_model_list(context.paths, provider.id, *models); !saved)
    return saved.error();
  return models;
}

struct Tested {
  std::string provider;
  std::string protocol;
  proxy::ModelProbe result;
};

Result<std::vector<std::string>> models_to_test(const Arguments& args,
                                                const config::Provider& provider,
                                                const catalog::Pool& pool) {
  auto models = args.values("--model");
  const auto prefix = provider.id + "/";
  for (auto& model : models)
    if (model.starts_with(prefix)) model.erase(0, prefix.size());
  if (!models.empty()) return models;
  models = offered(pool, provider.id);
  if (!args.has("--all") && !models.empty()) models = {representative(provider, models)};
  if (models.empty())
    return not_found("provider " + provider.id + " offers no model to test",
                     "tpool provider models fetch " + provider.id + ", or name one with --model");
  return models;
}

std::string tests_json(const std::vector<Tested>& tests) {
  std::string text;
  json::Writer writer(text);
  writer.begin_array();
  for (const auto& test : tests) {
    const auto& result = test.result;
    writer.begin_object();
    writer.member("provider", test.provider).member("model", result.model);
    writer.member("ok", result.ok).member("protocol", test.protocol).key("error");
    result.ok ? writer.null() : writer.string(result.error);
    writer.member("unauthorized", result.unauthorized).member("streaming", result.streaming);
    writer.member("tools", result.tools).member("usage", result.usage);
    writer.member("first_event_ms", result.first_event_ms);
    writer.member("total_ms", result.total_ms).end_object();
  }
  writer.end_array();
  return text;
}

std::string tests_table(const Context& context, const std::vector<Tested>& tests) {
  const bool tools = !context.args.has("--no-tools");
  const auto mark = [](bool yes) {
    return Cell(yes ? "yes" : "no", yes ? Style::good : Style::dim);
  };
  Table table(
      {"PROVIDER", "MODEL", "PROTOCOL", "STREAM", "TOOLS", "USAGE", ">FIRST", ">TOTAL", "RESULT"});
  for (const auto& [provider, protocol, result] : tests) {
    if (result.ok)
      table.row({provider,
                 result.model,
                 protocol,
                 mark(result.streaming),
                 tools ? mark(result.tools) : Cell("-"),
                 mark(result.usage),
                 std::to_string(result.first_event_ms) + " ms",
                 std::to_string(result.total_ms) + " ms",
                 {"ok", Style::good}});
    else
      table.row(
          {provider, result.model, protocol, "-", "-", "-", "-", "-", {result.error, Style::bad}});
  }
  return table.text(context.out);
}

}  // namespace

KeyTest test_key(Context& context, const config::Config& config, const std::string& id) {
  KeyTest test;
  const auto* provider = config::find_provider(config, id);
  if (provider == nullptr) {
    test.error = "there is no provider " + id;
    return test;
  }
  auto list = fetch_list(context, config, *provider, true);
  if (!list) {
    test.error = list.error().message;
    test.unauthorized = list.error().code == Code::unauthorized;
    test.reached = test.unauthorized;
    if (test.unauthorized) return test;
  } else {
    test.models = std::move(*list);
  }
  const auto pool = build_pool(context.paths, config, "");
  if (!pool) {
    test.error = pool.error().message;
    return test;
  }
  test.model = representative(*provider, offered(**pool, id));
  if (test.model.empty()) {
    test.reached = test.reached || list.has_value();
    if (test.error.empty()) test.error = "it lists no model";
    return test;
  }
  context.out.progress("asking " + test.model + " for one token ...");
  const auto report = proxy::probe(config, id, {test.model}, {.tools = false});
  test.error = report ? "" : report.error().message;
  if (!report || report->models.empty()) return test;
  const auto& result = report->models.front();
  // A failure that carries a status is an answer; one without means nobody was there.
  test.reached = list.has_value() || result.ok || result.unauthorized ||
                 (!result.error.empty() && result.error[0] >= '0' && result.error[0] <= '9');
  test.error = result.ok ? "" : result.error;
  test.unauthorized = result.unauthorized;
  test.total_ms = result.total_ms;
  return test;
}

Result<> provider_test(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return pool.error();
  const auto seconds = context.args.integer("--timeout", 1, 600);
  if (!seconds) return seconds.error();
  proxy::ProbeOptions options{.tools = !context.args.has("--no-tools")};
  if (*seconds) options.limit = std::chrono::seconds(**seconds);

  auto ids = context.args.values("PROVIDER");
  if (ids.empty())
    for (const auto& provider : loaded->config.providers)
      if (provider.enabled) ids.push_back(provider.id);
  if (ids.empty()) return not_found("there is no provider to test", "tpool provider add deepseek");

  std::vector<Tested> tests;
  bool refused = false, failed = false;
  for (const auto& id : ids) {
    const auto provider = require_provider(loaded->config, id);
    if (!provider) return provider.error();
    const auto models = models_to_test(context.args, **provider, **pool);
    if (!models) return models.error();
    for (const auto& model : *models) {
      context.out.progress("testing " + id + "/" + model + " ...");
      auto report = proxy::probe(loaded->config, id, {model}, options);
      Tested test{id, "", {.model = model}};
      if (!report) test.result.error = report.error().message;
      if (report) test.protocol = report->protocol;
      if (report && !report->models.empty()) test.result = report->models.front();
      refused = refused || test.result.unauthorized;
      failed = failed || !test.result.ok;
      tests.push_back(std::move(test));
    }
  }
  context.out.json() ? context.out.document(tests_json(tests))
                     : context.out.data(tests_table(context, tests));
  if (refused)
    return Error{Code::unauthorized, "a provider refused its key",
                 "tpool key list shows where keys come from"};
  if (failed) return unavailable("not every test passed", "the RESULT column says why");
  return {};
}

Result<> provider_models(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto provider = require_provider(loaded->config, *context.args.value("PROVIDER"));
  if (!provider) return provider.error();
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return pool.error();
  std::vector<const catalog::Entry*> entries;
  for (const auto& entry : (*pool)->entries)
    if (entry.kind == catalog::Entry::Kind::slug && entry.name.starts_with((*provider)->id + "/"))
      entries.push_back(&entry);
  print_entries(context, **pool, entries);
  if (entries.empty() && !(*provider)->enabled)
    context.out.say("provider " + (*provider)->id + " is disabled");
  else if (entries.empty())
    context.out.next("tpool provider models fetch " + (*provider)->id);
  return {};
}

Result<> provider_models_fetch(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto before = catalog::load_model_lists(context.paths);
  if (!before) return before.error();
  auto ids = context.args.values("PROVIDER");
  if (ids.empty())
    for (const auto& provider : loaded->config.providers)
      if (provider.enabled) ids.push_back(provider.id);
  if (ids.empty()) return not_found("there is no provider to ask", "tpool provider add deepseek");

  config::Updated updated{.after = loaded->config, .revision = loaded->revision};
  std::optional<Error> failure;
  std::string json;
  json::Writer writer(json);
  writer.begin_array();
  for (const auto& id : ids) {
    const auto provider = require_provider(loaded->config, id);
    if (!provider) return provider.error();
    const auto models = fetch_list(context, loaded->config, **provider, !context.dry_run());
    const auto known = before->find(id);
    const std::vector<std::string> old =
        known == before->end() ? std::vector<std::string>{} : known->second;
    std::size_t fresh = 0, gone = 0;
    if (models) {
      const std::set<std::string> was(old.begin(), old.end()), is(models->begin(), models->end());
      for (const auto& model : is) fresh += was.count(model) == 0;
      for (const auto& model : was) gone += is.count(model) == 0;
      updated.changed = updated.changed || *models != old;
      context.out.say(id + ": " + counted(models->size(), "model") + ", " + std::to_string(fresh) +
                      " new, " + std::to_string(gone) + " gone");
    } else {
      failure = failure.value_or(models.error());
      context.out.warn(id + ": " + models.error().message);
    }
    writer.begin_object().member("id", id).key("models");
    models ? writer.integer(static_cast<std::int64_t>(models->size())) : writer.null();
    writer.member("added", fresh).member("removed", gone).key("error");
    models ? writer.null() : writer.string(models.error().message);
    writer.end_object();
  }
  writer.end_array();
  updated.change.summary = "the lists are remembered";
  if (auto done = finish_edit(context, updated, {.members = {{"providers", json}}}); !done)
    return done;
  if (failure) return *failure;
  return {};
}

}  // namespace tpool::cli
