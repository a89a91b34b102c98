// How many requests may run at once: what holds now, and changing it on a running serve.
#include "cli/admin_client.hpp"
#include "cli/apply_edit.hpp"
#include "cli/commands.hpp"
#include "cli/table.hpp"
#include "core/config/edit_limit.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

std::string shown(json::Value value, std::string_view unit = "") {
  const auto number = value.integer();
  return number ? std::to_string(*number) + std::string(unit) : std::string("-");
}

void add_row(Table& table, const std::string& provider, const std::string& model, json::Value row) {
  const auto pending = row["pending"].integer().value_or(0);
  table.row({provider,
             model,
             std::string(row["mode"].string_or("?")),
             shown(row["in_use"]),
             shown(row["limit"]),
             {shown(row["pending"]), pending > 0 ? Style::bad : Style::plain},
             shown(row["peak_pending_recent"]),
             shown(row["wait_p50_ms"], " ms"),
             shown(row["wait_p99_ms"], " ms"),
             shown(row["timeouts_total"])});
}

Result<> list(Context& context) {
  const auto reply = admin_call(context.paths, "GET", "/api/concurrency");
  if (!reply) return reply.error();
  if (context.out.json()) {
    context.out.document(*reply);
    return {};
  }
  const auto document = json::Document::parse(*reply, "the limits of serve");
  if (!document) return document.error();
  const bool all = context.args.has("--all");
  Table table({"PROVIDER", "MODEL", "MODE", ">IN USE", ">LIMIT", ">WAITING", ">PEAK", ">P50",
               ">P99", ">TIMEOUTS"});
  const auto providers = document->root()["providers"];
  for (std::size_t i = 0; i < providers.size(); ++i) {
    const std::string id(providers.name_at(i));
    const auto models = providers.member_at(i)["models"];
    for (std::size_t m = 0; m < models.size(); ++m) {
      const auto row = models.member_at(m);
      const bool quiet = row["mode"].string_or("") == "monitor" &&
                         row["requests_5m"].integer().value_or(0) == 0 &&
                         row["in_use"].integer().value_or(0) == 0;
      if (all || !quiet) add_row(table, id, std::string(models.name_at(m)), row);
    }
  }
  if (table.empty())
    context.out.say("no model has a limit, and none was used in the last five minutes");
  else
    context.out.data(table.text(context.out));
  return {};
}

Result<> set_on_serve(Context& context, const std::string& provider, const std::string& model,
                      const std::optional<std::string>& key, std::int64_t limit) {
  std::string body;
  json::Writer out(body);
  out.begin_object().member("provider", provider).member("model", model).member("limit", limit);
  if (key) out.member("key", *key);
  out.end_object();
  const auto reply =
      admin_call(context.paths, "PUT", "/api/concurrency", Milliseconds(5'000), body);
  if (!reply) {
    auto error = reply.error();
    if (error.code == Code::unavailable)
      error.hint = "start tpool serve, or add --persist to write the limit to the store";
    return error;
  }
  if (context.out.json()) {
    context.out.document(*reply);
    return {};
  }
  const auto document = json::Document::parse(*reply, "the reply of serve");
  if (!document) return document.error();
  const auto row = document->root();
  // With every key the row speaks of all of them.
  const auto all = key ? std::string() : " in all";
  context.out.say(provider + "/" + model + " may run " + std::to_string(limit) + " at once " +
                  (key ? "with key " + *key : "for each key, " + shown(row["limit"]) + all) +
                  ", until serve ends; before it was " + shown(row["previous_limit"]) + all);
  context.out.next("tpool limit set " + provider + "/" + model + " " + std::to_string(limit) +
                   " --persist");
  return {};
}

Result<> set(Context& context) {
  const auto target = *context.args.value("TARGET");
  const auto limit = context.args.integer("N", 1, 1024);
  if (!limit) return limit.error();
  const auto key = context.args.value("--key");
  const auto slash = target.find('/');
  const auto id = target.substr(0, slash);
  std::optional<std::string> model;
  if (slash != std::string::npos) model = target.substr(slash + 1);
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  if (const auto provider = require_provider(loaded->config, id); !provider)
    return provider.error();
  if (context.args.has("--persist")) {
    if (model && key)
      return invalid("the store keeps a limit for a model or for a key, not for both",
                     "leave out --key, or the model");
    if (model) {
      const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
      if (!pool) return pool.error();
      if (!(*pool)->find(target)) return (*pool)->explain_unknown(target);
    }
    const EditReport report{.next = "tpool limit list"};
    return run_edit(
        context,
        [&](config::Config& config) {
          return config::set_concurrency(config, id, model, key, **limit);
        },
        report);
  }
  if (!model)
    return invalid("a limit of a whole provider is kept in the store",
                   "add --persist, or name a model: tpool limit set " + id + "/MODEL " +
                       std::to_string(**limit));
  if (context.dry_run()) {
    context.out.say("would let " + target + " run " + std::to_string(**limit) + " at once");
    return {};
  }
  return set_on_serve(context, id, *model, key, **limit);
}

}  // namespace

Command limit_noun() {
  return {
      .name = "limit",
      .summary = "How many requests may run at once",
      .children = {{.name = "list",
                    .summary = "What runs, waits and may run now",
                    .description = "Of a running serve. A model in mode monitor has no limit: it "
                                   "is only counted.",
                    .examples = {{"limit", "what is limited or was used"},
                                 {"limit list --all --json", ""}},
                    .options = {{.name = "--all", .help = "models that nobody used, too"}},
                    .effect = Effect::prints,
                    .handler = list},
                   {.name = "set",
                    .summary = "Limit what runs at once, from now on",
                    .description =
                        "Without --persist the limit of a model that has one is changed on the "
                        "running serve, until it ends. With --persist the store keeps it.",
                    .examples = {{"limit set deepseek/deepseek-chat 4", "until serve ends"},
                                 {"limit set deepseek 8 --persist", "all of a provider"},
                                 {"limit set deepseek 4 --key team --persist", "one key"}},
                    .positionals = {{.name = "TARGET",
                                     .help = "PROVIDER, or PROVIDER/MODEL",
                                     .completes = Completes::model},
                                    {.name = "N", .help = "requests at once, 1 to 1024"}},
                    .options = {{.name = "--key",
                                 .value = "KEY",
                                 .help = "of this key only",
                                 .completes = Completes::key},
                                {.name = "--persist", .help = "keep it in the store"}},
                    .effect = Effect::edits,
                    .handler = set}},
      .default_child = "list"};
}

}  // namespace tpool::cli
