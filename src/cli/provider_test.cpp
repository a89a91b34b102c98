#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "cli/admin_client.hpp"
#include "cli/apply_edit.hpp"
#include "cli/provider.hpp"
#include "cli/table.hpp"
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

struct Tested {
  std::string provider;
  std::string protocol;
  proxy::ModelProbe result;
};

// How many calls a provider gets at the same time.
std::size_t at_once(const config::Limits& limits) {
  constexpr std::int64_t usual = 4;
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(limits.concurrency.value_or(usual), 1, usual));
}

void run_test(const config::Config& config, const proxy::ProbeOptions& options, Tested& test) {
  auto report = proxy::probe(config, test.provider, {test.result.model}, options);
  if (!report) {
    test.result.error = report.error().message;
    return;
  }
  test.protocol = report->protocol;
  if (!report->models.empty()) test.result = report->models.front();
}

// Every test that names a model, several at a time, each provider within its own limit. A refused
// key is refused for every model of the provider, so the rest of them are not asked.
void run_tests(Context& context, const config::Config& config, const proxy::ProbeOptions& options,
               const std::map<std::string, std::size_t>& limits, std::vector<Tested>& tests) {
  constexpr std::size_t most_workers = 8;
  std::mutex lock;
  std::condition_variable freed;
  std::vector<bool> taken(tests.size());
  for (std::size_t i = 0; i < tests.size(); ++i) taken[i] = tests[i].result.model.empty();
  std::map<std::string, std::size_t> running;
  std::set<std::string> refused;
  const auto all = static_cast<std::size_t>(std::ranges::count(taken, false));
  std::size_t left = all;
  const auto next = [&]() -> std::optional<std::size_t> {
    for (std::size_t i = 0; i < tests.size(); ++i)
      if (!taken[i] && running[tests[i].provider] < limits.at(tests[i].provider)) return i;
    return std::nullopt;
  };
  const auto work = [&] {
    std::unique_lock held(lock);
    while (left > 0) {
      const auto mine = next();
      if (!mine) {
        freed.wait(held);
        continue;
      }
      auto& test = tests[*mine];
      taken[*mine] = true;
      --left;
      if (refused.contains(test.provider)) {
        test.result.error = "not asked: the key was refused before";
        continue;
      }
      ++running[test.provider];
      context.out.progress("testing " + test.provider + "/" + test.result.model + " (" +
                           std::to_string(all - left) + " of " + std::to_string(all) + ") ...");
      held.unlock();
      run_test(config, options, test);
      held.lock();
      --running[test.provider];
      if (test.result.unauthorized) refused.insert(test.provider);
      freed.notify_all();
    }
    freed.notify_all();
  };
  std::vector<std::jthread> workers;
  for (std::size_t i = 1; i < std::min(most_workers, tests.size()); ++i) workers.emplace_back(work);
  work();
}

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
    writer.member("provider", test.provider).key("model");
    result.model.empty() ? writer.null() : writer.string(result.model);
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

// A running serve may call again at once what passed: whatever it held against the key is over.
void tell_serve(const Context& context, const config::Config& config,
                const std::vector<Tested>& tests) {
  std::map<std::string, bool> passed;
  for (const auto& test : tests) {
    auto& all = passed.try_emplace(test.provider, true).first->second;
    all = all && test.result.ok;
  }
  for (const auto& [id, all] : passed) {
    const auto* provider = config::find_provider(config, id);
    if (!all || !provider) continue;
    // Only the key that was asked has proved anything.
    const auto key = std::ranges::find(provider->keys, true, &config::Key::enabled);
    std::string body;
    json::Writer out(body);
    out.begin_object().member("provider", id);
    if (key != provider->keys.end()) out.member("key", key->id);
    out.end_object();
    const auto ignored =
        admin_call(context.paths, "POST", "/api/reset", Milliseconds(15'000), body);
    (void)ignored;
  }
}

}  // namespace

KeyTest test_key(Context& context, const config::Config& config, const std::string& id) {
  KeyTest test;
  const auto* provider = config::find_provider(config, id);
  if (provider == nullptr) {
    test.error = "there is no provider " + id;
    return test;
  }
  auto list = fetch_list(context, config, id, true);
  if (!list) {
    test.error = list.error().message;
    test.unauthorized = list.error().code == Code::unauthorized;
    test.reached = test.unauthorized;
    if (test.unauthorized) return test;
  } else {
    for (const auto& model : *list)
      if (model.no_chat.empty()) test.models.push_back(model.id);
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
  std::map<std::string, std::size_t> limits;
  for (const auto& id : ids) {
    const auto provider = require_provider(loaded->config, id);
    if (!provider) return provider.error();
    const auto models = models_to_test(context.args, **provider, **pool);
    // Of all of them, one without a model keeps no other from its test.
    if (!models && !context.args.has("PROVIDER")) {
      tests.push_back({id, "", {.error = "no model to test: tpool provider models fetch " + id}});
      continue;
    }
    if (!models) return models.error();
    limits[id] = at_once((*provider)->limits);
    for (const auto& model : *models) tests.push_back({id, "", {.model = model}});
  }
  run_tests(context, loaded->config, options, limits, tests);
  tell_serve(context, loaded->config, tests);
  bool refused = false, failed = false;
  for (const auto& test : tests) {
    refused = refused || test.result.unauthorized;
    failed = failed || !test.result.ok;
  }
  context.out.json() ? context.out.document(tests_json(tests))
                     : context.out.data(tests_table(context, tests));
  if (refused)
    return Error{Code::unauthorized, "a provider refused its key",
                 "tpool key list shows where keys come from"};
  if (failed) return unavailable("not every test passed", "the RESULT column says why");
  return {};
}

}  // namespace tpool::cli
