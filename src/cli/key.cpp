#include "cli/key_input.hpp"

#include <algorithm>

#include "cli/admin_client.hpp"
#include "cli/apply_edit.hpp"
#include "cli/commands.hpp"
#include "cli/provider_view.hpp"
#include "cli/secret_on_argv.hpp"
#include "cli/table.hpp"
#include "core/catalog/presets.hpp"
#include "core/config/edit.hpp"
#include "core/config/private_file.hpp"
#include "core/config/secret.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/route/deadlines.hpp"

namespace tpool::cli {
namespace {

Result<> add(Context& context) {
  const auto& args = context.args;
  const auto id = *args.value("PROVIDER");
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto provider = require_provider(loaded->config, id);
  if (!provider) return provider.error();

  KeyWish wish{.owner = id, .refusable = false};
  if (const auto resolved = catalog::resolve(**provider); resolved) wish.owner = resolved->name;
  if (const auto* preset = catalog::find_preset((*provider)->preset.value_or("")); preset) {
    if ((*provider)->keys.empty()) wish.customary_env = preset->key_env;
    wish.page = preset->key_page;
  }
  if (auto fine = check_proxy(args.value("--proxy")); !fine) return fine.error();
  auto ref = read_key(context, wish);
  if (!ref) return ref.error();
  const auto concurrency = args.integer("--concurrency", 1, 1024);
  if (!concurrency) return concurrency.error();
  const config::Key key{.id = args.value("--id").value_or(""),
                        .secret = **ref,
                        .group = args.value("--group").value_or(""),
                        .proxy = args.value("--proxy"),
                        .limits = {.concurrency = *concurrency}};
  const auto updated =
      store_edit(context, [&](config::Config& config) { return config::add_key(config, id, key); });
  if (!updated) return updated.error();
  EditReport report{.next = "tpool provider test " + id};
  report.add_text("id", config::find_provider(updated->after, id)->keys.back().id);
  return finish_edit(context, *updated, report);
}

Result<> list(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  std::vector<const config::Provider*> providers;
  if (const auto id = context.args.value("PROVIDER")) {
    const auto provider = require_provider(loaded->config, *id);
    if (!provider) return provider.error();
    providers.push_back(*provider);
  } else {
    for (const auto& provider : loaded->config.providers) providers.push_back(&provider);
  }
  std::string text;
  json::Writer writer(text);
  Table table({"PROVIDER", "KEY", "SOURCE", "GROUP", "STATE"});
  writer.begin_array();
  for (const auto* provider : providers)
    for (const auto& key : provider->keys) {
      write_key(writer, loaded->config, *provider, key);
      const auto missing = missing_secret(key);
      const auto state = !key.enabled ? "disabled" : missing.empty() ? "ok" : missing;
      table.row({provider->id,
                 key.id,
                 config::describe(key.secret),
                 key.group,
                 {state, state == "ok" ? Style::good : Style::bad}});
    }
  writer.end_array();
  if (context.out.json()) {
    context.out.document(text);
  } else if (table.empty()) {
    context.out.say("no keys yet");
    context.out.next(providers.empty() ? "tpool provider add deepseek"
                                       : "tpool key add " + providers.front()->id);
  } else {
    context.out.data(table.text(context.out));
  }
  return {};
}

Result<> remove(Context& context) {
  const auto id = *context.args.value("PROVIDER");
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto provider = require_provider(loaded->config, id);
  if (!provider) return provider.error();
  const auto& keys = (*provider)->keys;
  auto key = context.args.value("KEY");
  if (!key && keys.size() == 1) key = keys.front().id;
  if (!key) return invalid("which key of " + id + "?", "tpool key list " + id + " shows them");
  const auto found = std::find_if(keys.begin(), keys.end(),
                                  [&](const config::Key& each) { return each.id == *key; });
  if (found != keys.end())
    if (auto agreed = context.confirm("Remove key " + *key + " (" +
                                      config::describe(found->secret) + ") of " + id + "?");
        !agreed)
      return agreed;
  EditReport report;
  if (keys.size() == 1) report.next = "tpool key add " + id;
  return run_edit(
      context, [&](config::Config& config) { return config::remove_key(config, id, *key); },
      report);
}

// Nothing serves: what the last one left for the next.
Result<std::size_t> forget_kept(const Context& context, const config::Config& config,
                                const std::string& provider, const std::string& key) {
  const auto file = context.paths.deadlines();
  const auto text = config::read_file(file);
  if (!text && text.error().code == Code::not_found) return std::size_t{0};
  if (!text) return text.error();
  auto holds = route::read_deadlines(*text);
  if (!holds) return holds.error();
  const auto count = std::erase_if(*holds, [&](const route::KeptHold& one) {
    if (provider.empty()) return true;
    if (one.group.empty())
      return one.provider == provider && (key.empty() || one.key.empty() || one.key == key);
    const auto* owner = config::find_provider(config, provider);
    return owner && std::ranges::any_of(owner->keys, [&](const config::Key& each) {
             return each.group == one.group && (key.empty() || each.id == key);
           });
  });
  if (auto written = config::replace_file(file, route::write_deadlines(*holds)); !written)
    return written.error();
  return count;
}

Result<> reset(Context& context) {
  const auto provider = context.args.value("PROVIDER").value_or("");
  const auto key = context.args.value("KEY").value_or("");
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  if (!provider.empty()) {
    const auto owner = require_provider(loaded->config, provider);
    if (!owner) return owner.error();
    const auto& keys = (*owner)->keys;
    if (!key.empty() && std::ranges::find(keys, key, &config::Key::id) == keys.end())
      return not_found("provider " + provider + " has no key " + key,
                       "tpool key list " + provider + " shows them");
  }
  std::string body;
  json::Writer out(body);
  out.begin_object();
  if (!provider.empty()) out.member("provider", provider);
  if (!key.empty()) out.member("key", key);
  out.end_object();
  std::size_t count = 0;
  const auto reply = admin_call(context.paths, "POST", "/api/reset", Milliseconds(15'000), body);
  if (reply) {
    const auto document = json::Document::parse(*reply, "the reply of serve");
    if (!document) return document.error();
    count = static_cast<std::size_t>(document->root()["reset"].integer().value_or(0));
  } else if (reply.error().code == Code::unavailable) {
    const auto kept = forget_kept(context, loaded->config, provider, key);
    if (!kept) return kept.error();
    count = *kept;
  } else {
    return reply.error();
  }
  if (context.out.json()) {
    context.out.document("{\"reset\":" + std::to_string(count) + "}");
    return {};
  }
  context.out.say(count == 0 ? "nothing was held back"
                             : "forgot " + counted(count, "reason") + " to hold back");
  return {};
}

Positional provider_positional(bool required) {
  return {.name = "PROVIDER",
          .help = "the provider's id",
          .required = required,
          .completes = Completes::provider};
}

}  // namespace

Command key_noun() {
  auto add_options = key_options();
  add_options.push_back(
      {.name = "--id", .value = "ID", .help = "what to call it (main, key-2 ...)"});
  add_options.push_back({.name = "--group", .value = "GROUP", .help = "the group it belongs to"});
  add_options.push_back(
      {.name = "--proxy", .value = "URL", .help = "HTTP proxy for this key; also 'direct'"});
  add_options.push_back({.name = "--concurrency", .value = "N", .help = "requests at once"});
  return {.name = "key",
          .summary = "Credentials of a provider",
          .description = "Secrets never travel on the command line, and are never shown again.",
          .children = {{.name = "add",
                        .summary = "Add a key; asks for it without echo",
                        .description = "Several keys of one provider share its load; when one is "
                                       "refused or out of quota, the next takes over.",
                        .examples = {{"key add deepseek", "asks for it"},
                                     {"key add deepseek --key-env DEEPSEEK_TEAM_KEY --id team", ""},
                                     {"pass show ds | tpool key add deepseek --key-stdin", ""}},
                        .positionals = {provider_positional(true)},
                        .options = std::move(add_options),
                        .effect = Effect::edits,
                        .handler = add},
                       {.name = "list",
                        .summary = "List keys and where each comes from",
                        .examples = {{"key", "all of them"}, {"key list deepseek --json", ""}},
                        .positionals = {provider_positional(false)},
                        .effect = Effect::prints,
                        .handler = list},
                       {.name = "remove",
                        .summary = "Remove a key",
                        .examples = {{"key remove deepseek team", ""}},
                        .positionals = {provider_positional(true),
                                        {.name = "KEY",
                                         .help = "its id; needless when there is only one",
                                         .required = false,
                                         .completes = Completes::key}},
                        .effect = Effect::edits,
                        .handler = remove},
                       {.name = "reset",
                        .summary = "Use keys again that are cooling, out of quota or refused",
                        .description =
                            "Forgets what a running serve remembers of them, or, when none runs, "
                            "what the last one left. Nothing of the store changes.",
                        .examples = {{"key reset deepseek team", "one key"},
                                     {"key reset", "all of them"}},
                        .positionals = {provider_positional(false),
                                        {.name = "KEY",
                                         .help = "its id; all of the provider's without it",
                                         .required = false,
                                         .completes = Completes::key}},
                        .effect = Effect::prints,
                        .handler = reset}},
          .default_child = "list"};
}

}  // namespace tpool::cli
