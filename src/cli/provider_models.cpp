#include <algorithm>
#include <optional>
#include <set>

#include "cli/apply_edit.hpp"
#include "cli/pool_view.hpp"
#include "cli/provider.hpp"
#include "core/catalog/model_lists.hpp"
#include "core/catalog/pattern.hpp"
#include "core/json/write.hpp"
#include "proxy/fetch.hpp"

namespace tpool::cli {
namespace {

using Ids = std::vector<std::string>;

std::vector<std::string> wanted_providers(const Arguments& args, const config::Config& config) {
  auto ids = args.values("PROVIDER");
  if (ids.empty())
    for (const auto& provider : config.providers)
      if (provider.enabled) ids.push_back(provider.id);
  return ids;
}

struct Step {
  Ids added;
  Ids removed;
};

Step step_between(const Ids& before, const Ids& after) {
  const std::set<std::string> was(before.begin(), before.end()), is(after.begin(), after.end());
  Step step;
  for (const auto& id : after)
    if (!was.contains(id)) step.added.push_back(id);
  for (const auto& id : before)
    if (!is.contains(id)) step.removed.push_back(id);
  return step;
}

// Which models and why: told in full to --json, in moderation to people.
void say_step(Output& out, const Step& step) {
  constexpr std::size_t most = 20;
  const auto tell = [&](const char* mark, const Ids& ids) {
    for (std::size_t i = 0; i < std::min(ids.size(), most); ++i) out.say(mark + ids[i]);
    if (ids.size() > most) out.say(std::string(mark) + counted(ids.size() - most, "more model"));
  };
  tell("  + ", step.added);
  tell("  - ", step.removed);
}

void say_left_out(Output& out, const std::vector<catalog::ListedModel>& listed) {
  std::map<std::string, Ids> reasons;
  for (const auto& model : listed)
    if (!model.no_chat.empty()) reasons[model.no_chat].push_back(model.id);
  for (const auto& [reason, ids] : reasons) {
    constexpr std::size_t most = 3;
    const Ids first(ids.begin(),
                    ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), most)));
    out.say("  left out (" + reason + "): " + join(first, ", ") +
            (ids.size() > most ? " and " + std::to_string(ids.size() - most) + " more" : ""));
  }
}

void write_ids(json::Writer& writer, std::string_view name, const Ids& ids) {
  writer.key(name).begin_array();
  for (const auto& id : ids) writer.string(id);
  writer.end_array();
}

void write_left_out(json::Writer& writer, const std::vector<catalog::ListedModel>& listed) {
  writer.key("left_out").begin_array();
  for (const auto& model : listed)
    if (!model.no_chat.empty())
      writer.begin_object().member("id", model.id).member("reason", model.no_chat).end_object();
  writer.end_array();
}

Ids chatting(const std::vector<catalog::ListedModel>& listed) {
  Ids ids;
  for (const auto& model : listed)
    if (model.no_chat.empty()) ids.push_back(model.id);
  return ids;
}

Result<std::vector<catalog::Pattern>> read_patterns(const Arguments& args) {
  std::vector<catalog::Pattern> patterns;
  for (const auto& text : args.values("--match")) {
    auto pattern = catalog::Pattern::compile(text);
    if (!pattern)
      return Error{pattern.error().code, pattern.error().message + "; nothing was imported",
                   pattern.error().hint};
    patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

}  // namespace

Result<std::vector<catalog::ListedModel>> fetch_list(Context& context, const config::Config& config,
                                                     const std::string& provider, bool remember) {
  context.out.progress("asking " + provider + " for its models ...");
  auto models = proxy::fetch_models(config, provider);
  if (!models) return models.error();
  if (!remember) return models;
  if (auto saved = catalog::save_model_list(context.paths, provider, chatting(*models)); !saved)
    return saved.error();
  return models;
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
  const auto ids = wanted_providers(context.args, loaded->config);
  if (ids.empty()) return not_found("there is no provider to ask", "tpool provider add deepseek");

  config::Updated updated{.after = loaded->config, .revision = loaded->revision};
  std::optional<Error> failure;
  std::string json;
  json::Writer writer(json);
  writer.begin_array();
  for (const auto& id : ids) {
    const auto provider = require_provider(loaded->config, id);
    if (!provider) return provider.error();
    const auto listed = fetch_list(context, loaded->config, id, !context.dry_run());
    const auto known = before->find(id);
    const Ids old = known == before->end() ? Ids{} : known->second;
    const auto now = listed ? chatting(*listed) : old;
    const auto step = step_between(old, now);
    if (listed) {
      updated.changed = updated.changed || now != old;
      context.out.say(id + ": " + counted(now.size(), "model") + ", " +
                      std::to_string(step.added.size()) + " new, " +
                      std::to_string(step.removed.size()) + " gone");
      if (known != before->end()) say_step(context.out, step);
      say_left_out(context.out, *listed);
    } else {
      failure = failure.value_or(listed.error());
      context.out.warn(id + ": " + listed.error().message);
    }
    writer.begin_object().member("id", id).key("models");
    listed ? writer.integer(static_cast<std::int64_t>(now.size())) : writer.null();
    writer.member("added", step.added.size()).member("removed", step.removed.size());
    if (listed) write_left_out(writer, *listed);
    writer.key("error");
    listed ? writer.null() : writer.string(listed.error().message);
    writer.end_object();
  }
  writer.end_array();
  updated.change.summary = "the lists are remembered";
  if (auto done = finish_edit(context, updated, {.members = {{"providers", json}}}); !done)
    return done;
  if (failure) return *failure;
  return {};
}

Result<> provider_models_sync(Context& context) {
  const auto id = *context.args.value("PROVIDER");
  const auto patterns = read_patterns(context.args);
  if (!patterns) return patterns.error();
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto provider = require_provider(loaded->config, id);
  if (!provider) return provider.error();
  const auto lists = catalog::load_model_lists(context.paths);
  if (!lists) return lists.error();
  const auto listed = fetch_list(context, loaded->config, id, !context.dry_run());
  if (!listed) return listed.error();

  const auto matches = [&](const std::string& model) {
    return patterns->empty() ||
           std::any_of(patterns->begin(), patterns->end(),
                       [&](const catalog::Pattern& pattern) { return pattern.matches(model); });
  };
  Ids chosen = chatting(*listed);
  std::erase_if(chosen, [&](const std::string& model) { return !matches(model); });
  if (chosen.empty())
    return not_found("none of the " + counted(listed->size(), "model") + " of provider " + id +
                         (patterns->empty() ? " can chat" : " match") + "; nothing was imported",
                     "tpool provider models fetch " + id + " shows what is left out and why");

  // What the provider never listed was typed by hand, and stays.
  const auto fetched = lists->find(id);
  const Ids before = (*provider)->models.value_or(Ids{});
  Ids kept, merged;
  for (const auto& model : before) {
    const bool now = std::any_of(listed->begin(), listed->end(),
                                 [&](const auto& one) { return one.id == model; });
    const bool then =
        fetched != lists->end() &&
        std::find(fetched->second.begin(), fetched->second.end(), model) != fetched->second.end();
    if (!now && !then) kept.push_back(model);
  }
  for (const auto& said : (*provider)->model_facts)
    if (said.upstream && std::find(kept.begin(), kept.end(), said.id) == kept.end())
      kept.push_back(said.id);
  merged = kept;
  for (const auto& model : chosen)
    if (std::find(merged.begin(), merged.end(), model) == merged.end()) merged.push_back(model);
  const auto step = step_between(before, merged);

  context.out.say(id + ": " + counted(merged.size(), "model") + ", " +
                  std::to_string(step.added.size()) + " new, " +
                  std::to_string(step.removed.size()) + " gone, " + std::to_string(kept.size()) +
                  " kept as set by hand");
  say_step(context.out, step);
  say_left_out(context.out, *listed);
  EditReport report;
  std::string json;
  json::Writer writer(json);
  writer.begin_object().member("id", id);
  write_ids(writer, "models", merged);
  write_ids(writer, "added", step.added);
  write_ids(writer, "removed", step.removed);
  write_ids(writer, "kept", kept);
  write_left_out(writer, *listed);
  writer.end_object();
  report.members.emplace_back("sync", json);
  config::ProviderFields fields;
  fields.models = merged;
  const auto edit = [&,
                     was = (*provider)->models](config::Config& config) -> Result<config::Change> {
    // The provider was asked without the store's lock, and somebody may have chosen meanwhile.
    if (const auto* now = config::find_provider(config, id); now && now->models != was)
      return conflict(
          "the models of provider " + id + " were changed meanwhile; nothing was imported",
          "run it again");
    return config::edit_provider(config, id, fields);
  };
  return run_edit(context, edit, report);
}

}  // namespace tpool::cli
