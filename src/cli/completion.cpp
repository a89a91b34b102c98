#include "cli/completion.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "core/catalog/presets.hpp"
#include "core/config/edit.hpp"
#include "core/config/secret.hpp"

namespace tpool::cli {
namespace {

using Candidates = std::vector<Candidate>;

const Option* find_option(const std::vector<const Command*>& path, std::string_view word) {
  for (const auto* command : {path.back(), path.front()})
    for (const auto& option : command->options)
      if (option.name == word || (!option.short_name.empty() && option.short_name == word))
        return &option;
  return nullptr;
}

// Where the finished words lead.
struct Place {
  std::vector<const Command*> path;
  std::vector<std::string> positionals;
  std::vector<std::string> options;  // already given
  const Option* open = nullptr;      // an option still waiting for its value
  std::optional<std::string> store;  // --config
  bool lost = false;                 // a word that no command is
};

Place walk(const Command& root, const std::vector<std::string>& words) {
  Place place;
  place.path.push_back(&root);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const auto& word = words[i];
    if (place.open) {
      if (place.open->name == "--config") place.store = word;
      place.open = nullptr;
    } else if (word.starts_with("-")) {
      const auto* option = find_option(place.path, word.substr(0, word.find('=')));
      if (!option) continue;
      place.options.push_back(option->name);
      if (!option->value.empty() && word.find('=') == std::string::npos) place.open = option;
    } else if (const auto* child = place.path.back()->child(word)) {
      place.path.push_back(child);
    } else {
      const auto* fallback = place.path.back()->child(place.path.back()->default_child);
      if (fallback && !fallback->positionals.empty()) place.path.push_back(fallback);
      place.lost = place.lost || !place.path.back()->children.empty();
      place.positionals.push_back(word);
    }
  }
  return place;
}

std::optional<config::Loaded> load(const Place& place) {
  std::optional<std::filesystem::path> store;
  if (place.store) store = *place.store;
  const auto paths = config::locate(store);
  if (!paths) return std::nullopt;
  auto loaded = config::Store(*paths).load();
  if (!loaded) return std::nullopt;
  return std::move(*loaded);
}

Candidates models(const Place& place) {
  Candidates found;
  const auto loaded = load(place);
  const auto paths = config::locate();
  if (!loaded || !paths) return found;
  const auto pool = build_pool(*paths, loaded->config, loaded->revision);
  if (!pool) return found;
  // `provider edit deepseek --model` wants that provider's ids, without its prefix.
  const bool bare = place.path.size() > 1 && place.path[1]->name == "provider";
  const auto prefix = place.positionals.empty() ? "" : place.positionals[0] + "/";
  for (const auto& entry : (*pool)->entries) {
    if (!bare || prefix.empty())
      found.push_back({entry.name, entry.display});
    else if (entry.name.starts_with(prefix))
      found.push_back({entry.name.substr(prefix.size()), entry.display});
  }
  return found;
}

Candidates developers(const Place& place) {
  Candidates found;
  const auto loaded = load(place);
  const auto paths = config::locate();
  if (!loaded || !paths) return found;
  const auto pool = build_pool(*paths, loaded->config, loaded->revision);
  if (!pool) return found;
  std::set<std::string> names;
  for (const auto& entry : (*pool)->entries)
    if (!entry.facts.developer.empty()) names.insert(entry.facts.developer);
  for (const auto& name : names) found.push_back({name, ""});
  return found;
}

Candidates from_store(const Place& place, Completes kind) {
  Candidates found;
  const auto loaded = load(place);
  if (!loaded) return found;
  if (kind == Completes::client)
    for (const auto& client : loaded->config.clients) found.push_back({client.id, client.scope});
  if (kind == Completes::own_model)
    for (const auto& model : loaded->config.models)
      found.push_back({model.id, model.developer.value_or("")});
  if (kind == Completes::alias)
    for (const auto& alias : loaded->config.aliases) found.push_back({alias.name, alias.target});
  if (kind == Completes::rule)
    for (const auto& rule : loaded->config.rules)
      found.push_back({rule.id, rule.when.value_or("")});
  std::set<std::string> tags;
  for (const auto& provider : loaded->config.providers) {
    if (kind == Completes::provider)
      found.push_back({provider.id, provider.name.value_or(provider.preset.value_or(""))});
    if (kind == Completes::key && !place.positionals.empty() &&
        provider.id == place.positionals.front())
      for (const auto& key : provider.keys) found.push_back({key.id, config::describe(key.secret)});
    if (kind == Completes::tag) tags.insert(provider.tags.begin(), provider.tags.end());
  }
  for (const auto& tag : tags) found.push_back({tag, ""});
  return found;
}

// Names that a budget of the scope before has, or could have.
Candidates budgeted(const Place& place, bool existing) {
  Candidates found;
  if (place.positionals.empty()) return found;
  const auto& scope = place.positionals.front();
  if (existing) {
    if (const auto loaded = load(place))
      for (const auto& budget : loaded->config.budgets)
        if (budget.scope == scope && budget.name) found.push_back({*budget.name, budget.on_exceed});
    return found;
  }
  if (scope == "provider") return from_store(place, Completes::provider);
  if (scope == "client") return from_store(place, Completes::client);
  return scope == "model" ? models({place.path, {}, {}, nullptr, place.store}) : found;
}

Candidates values(const Place& place, Completes kind, const std::vector<std::string>& choices) {
  Candidates found;
  for (const auto& choice : choices) found.push_back({choice, ""});
  switch (kind) {
    case Completes::nothing: return found;
    case Completes::file: return {{"@files", ""}};
    case Completes::folder: return {{"@folders", ""}};
    case Completes::model: return models(place);
    case Completes::preset:
      for (const auto& preset : catalog::presets())
        found.push_back({std::string(preset.id), std::string(preset.name)});
      return found;
    case Completes::setting:
      for (const auto& name : config::setting_names()) found.push_back({name, ""});
      return found;
    case Completes::program: return {{"claude", "Claude Code"}, {"opencode", "opencode"}};
    case Completes::developer: return developers(place);
    case Completes::budget: return budgeted(place, true);
    case Completes::spender: return budgeted(place, false);
    case Completes::provider:
    case Completes::own_model:
    case Completes::alias:
    case Completes::rule:
    case Completes::client:
    case Completes::tag:
    case Completes::key: return from_store(place, kind);
  }
  return found;
}

Candidates option_names(const Place& place) {
  Candidates found;
  for (const auto* command : {place.path.back(), place.path.front()}) {
    for (const auto& option : command->options) {
      const bool given =
          std::find(place.options.begin(), place.options.end(), option.name) != place.options.end();
      if (!given || option.repeats) found.push_back({option.name, option.help});
    }
    if (place.path.size() == 1) break;
  }
  return found;
}

Candidates positional_values(const Place& place) {
  const auto& positionals = place.path.back()->positionals;
  const auto index = place.positionals.size();
  const Positional* wanted = nullptr;
  if (index < positionals.size())
    wanted = &positionals[index];
  else if (!positionals.empty() && positionals.back().repeats)
    wanted = &positionals.back();
  if (!wanted) return {};
  return values(place, wanted->completes, wanted->choices);
}

}  // namespace

Candidates complete(const Command& root, const std::vector<std::string>& words) {
  const std::string current = words.empty() ? "" : words.back();
  const auto place = walk(root, words);
  Candidates found;
  if (place.lost) return found;
  if (place.open) {
    found = values(place, place.open->completes, place.open->choices);
  } else if (current.starts_with("-")) {
    found = option_names(place);
  } else {
    for (const auto& child : place.path.back()->children)
      if (!child.hidden) found.push_back({child.name, child.summary});
    const auto* fallback = place.path.back()->child(place.path.back()->default_child);
    auto here = place;
    if (fallback) here.path.push_back(fallback);
    for (auto& value : positional_values(here)) found.push_back(std::move(value));
  }
  std::erase_if(found, [&](const Candidate& candidate) {
    return !candidate.word.starts_with('@') && !candidate.word.starts_with(current);
  });
  return found;
}

}  // namespace tpool::cli
