#include "cli/apply_edit.hpp"
#include "cli/endpoint_url.hpp"
#include "cli/provider.hpp"
#include "cli/secret_on_argv.hpp"
#include "core/catalog/model_lists.hpp"

namespace tpool::cli {
namespace {

constexpr std::int64_t largest_rate = 1'000'000'000'000;

std::string id_of(const Context& context) { return *context.args.value("PROVIDER"); }

// `--tag ""` means none.
std::optional<std::vector<std::string>> list_of(const Arguments& args, const char* name) {
  if (!args.has(name)) return std::nullopt;
  auto values = args.values(name);
  std::erase(values, "");
  return values;
}

Result<> move_model_list(const config::Paths& paths, const std::string& from,
                         const std::string& to) {
  const auto lists = catalog::load_model_lists(paths);
  if (!lists) return lists.error();
  const auto list = lists->find(from);
  if (list == lists->end()) return {};
  if (auto saved = catalog::save_model_list(paths, to, list->second); !saved) return saved.error();
  return catalog::forget_model_list(paths, from);
}

Result<> set_enabled(Context& context, bool enabled) {
  const auto id = id_of(context);
  return run_edit(context, [&](config::Config& config) {
    return config::set_provider_enabled(config, id, enabled);
  });
}

}  // namespace

Result<config::ProviderFields> read_fields(const Arguments& args) {
  config::ProviderFields fields;
  fields.name = args.value("--name");
  fields.protocol = args.value("--protocol");
  fields.base_url = args.value("--base-url");
  fields.auth = args.value("--auth");
  fields.proxy = args.value("--proxy");
  if (auto fine = check_proxy(fields.proxy); !fine) return fine.error();
  fields.failover = args.value("--failover");
  fields.models = list_of(args, "--model");
  fields.tags = list_of(args, "--tag");
  fields.exclude = list_of(args, "--exclude");
  fields.all_models = args.has("--all-models");
  if (args.has("--no-models")) fields.models = std::vector<std::string>{};
  if (args.has("--model") + args.has("--all-models") + args.has("--no-models") > 1)
    return invalid("--model, --all-models and --no-models exclude each other", "give one");
  const auto concurrency = args.integer("--concurrency", 0, 1024);
  if (!concurrency) return concurrency.error();
  const auto rpm = args.integer("--rpm", 0, largest_rate);
  if (!rpm) return rpm.error();
  const auto tpm = args.integer("--tpm", 0, largest_rate);
  if (!tpm) return tpm.error();
  fields.concurrency = *concurrency;
  fields.rpm = *rpm;
  fields.tpm = *tpm;
  return fields;
}

Result<> provider_edit(Context& context) {
  auto fields = read_fields(context.args);
  if (!fields) return fields.error();
  bool any = false;
  for (const auto* name :
       {"--name", "--protocol", "--base-url", "--auth", "--proxy", "--failover", "--model", "--tag",
        "--exclude", "--all-models", "--no-models", "--concurrency", "--rpm", "--tpm"})
    any = any || context.args.has(name);
  if (!any)
    return invalid("nothing to change was named",
                   "run 'tpool provider edit --help' for the fields");
  if (fields->base_url && !fields->base_url->empty()) {
    const auto endpoint = read_endpoint(*fields->base_url);
    if (!endpoint) return endpoint.error();
    if (endpoint->trimmed) context.out.say("base URL: " + endpoint->base_url);
    fields->base_url = endpoint->base_url;
    if (!fields->protocol && endpoint->protocol) {
      fields->protocol = std::string(to_string(*endpoint->protocol));
      context.out.say("protocol: " + *fields->protocol + ", from the path of the URL");
    }
  }
  const auto id = id_of(context);
  const auto updated = store_edit(
      context, [&](config::Config& config) { return config::edit_provider(config, id, *fields); });
  if (!updated) return updated.error();
  // The list last fetched belongs to the old endpoint.
  if (updated->changed && !context.dry_run() && (fields->base_url || fields->protocol))
    if (auto forgot = catalog::forget_model_list(context.paths, id); !forgot) return forgot.error();
  EditReport report;
  if (const auto* provider = config::find_provider(updated->after, id);
      provider && updated->changed && provider->models && provider->models->empty() &&
      !context.args.has("--no-models"))
    report.next = "tpool provider edit " + id + " --all-models, or name them with --model";
  return finish_edit(context, *updated, report);
}

Result<> provider_rename(Context& context) {
  const auto id = id_of(context);
  const auto new_id = *context.args.value("NEW_ID");
  const auto updated = store_edit(
      context, [&](config::Config& config) { return config::rename_provider(config, id, new_id); });
  if (!updated) return updated.error();
  if (updated->changed && !context.dry_run())
    if (auto moved = move_model_list(context.paths, id, new_id); !moved) return moved.error();
  return finish_edit(context, *updated, {});
}

Result<> provider_remove(Context& context) {
  const auto id = id_of(context);
  const auto remove = [&](config::Config& config) {
    return config::remove_provider(config, id, context.args.has("--force"));
  };
  auto loaded = context.load();
  if (!loaded) return loaded.error();
  if (const auto tried = remove(loaded->config); !tried) return tried.error();
  if (auto agreed = context.confirm("Remove provider " + id + " and its keys?"); !agreed)
    return agreed;
  const auto updated = store_edit(context, remove);
  if (!updated) return updated.error();
  if (updated->changed && !context.dry_run())
    if (auto forgot = catalog::forget_model_list(context.paths, id); !forgot) return forgot.error();
  return finish_edit(context, *updated, {});
}

Result<> provider_enable(Context& context) { return set_enabled(context, true); }
Result<> provider_disable(Context& context) { return set_enabled(context, false); }

Result<> provider_move(Context& context) {
  const auto& args = context.args;
  if (args.has("--before") + args.has("--after") + args.has("--first") + args.has("--last") != 1)
    return invalid("where to?", "give one of --before PROVIDER, --after PROVIDER, --first, --last");
  const auto id = id_of(context);
  return run_edit(context, [&](config::Config& config) -> Result<config::Change> {
    auto before = args.value("--before");
    auto after = args.value("--after");
    std::vector<std::string> others;
    for (const auto& provider : config.providers)
      if (provider.id != id) others.push_back(provider.id);
    if (args.has("--first") || args.has("--last")) {
      if (auto found = require_provider(config, id); !found) return found.error();
      if (others.empty()) return config::Change{id + " is the only provider"};
      (args.has("--first") ? before : after) = args.has("--first") ? others.front() : others.back();
    }
    return config::move_provider(config, id, before, after);
  });
}

}  // namespace tpool::cli
