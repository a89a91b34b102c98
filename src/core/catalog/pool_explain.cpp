#include <algorithm>
#include <cctype>
#include <optional>

#include "core/catalog/pattern.hpp"
#include "core/catalog/pool.hpp"
#include "core/catalog/rules.hpp"
#include "core/config/edit.hpp"

namespace tpool::catalog {
namespace {

// What a client sent is quoted back at this length at most.
constexpr std::size_t longest_quote = 200;
constexpr int deepest_alias = 8;

std::string in_quotes(std::string_view name) {
  std::string text;
  for (const unsigned char c : name.substr(0, longest_quote))
    text += c < 0x20 || c == 0x7f ? '?' : static_cast<char>(c);
  return "\"" + text + (name.size() > longest_quote ? "..." : "") + "\"";
}

std::string lowered(std::string_view text) {
  std::string result(text);
  for (auto& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += words[i];
  }
  return text;
}

// Names of the same model elsewhere first, then names spelled nearly so.
std::vector<std::string> suggestions(const Pool& pool, std::string_view name) {
  constexpr std::size_t most = 3;
  const auto slash = name.find('/');
  const auto wanted = lowered(name);
  const auto model = slash == std::string_view::npos ? wanted : lowered(name.substr(slash + 1));
  std::vector<std::string> found;
  std::vector<std::string> known;
  for (const auto& entry : pool.entries) {
    if (entry.hidden) continue;
    const auto candidate = lowered(entry.name);
    const bool same = candidate == wanted || candidate == model ||
                      (candidate.size() > model.size() && candidate.ends_with(model) &&
                       candidate[candidate.size() - model.size() - 1] == '/');
    if (same && !model.empty() && found.size() < most)
      found.push_back(entry.name);
    else
      known.push_back(entry.name);
  }
  for (auto& near : config::nearest(name, known))
    if (found.size() < most) found.push_back(std::move(near));
  return found;
}

std::string hint_for(const Pool& pool, std::string_view name) {
  if (pool.providers.empty())
    return pool.config && pool.config->providers.empty()
               ? "no provider is set up: tpool provider add"
               : "no provider is enabled: tpool provider list";
  const auto near = suggestions(pool, name);
  if (!near.empty()) return "did you mean " + joined(near) + "?";
  return "tpool pool list shows every name";
}

std::string enable_hint(const config::Provider& provider) {
  if (!provider.enabled) return "tpool provider enable " + provider.id;
  return "set pooled = true for provider " + provider.id + ": tpool config edit";
}

std::string off(const config::Provider& provider) {
  return "provider " + provider.id +
         (provider.enabled ? " is not in the pool (pooled = false)" : " is disabled");
}

Error explain_slug(const Pool& pool, std::string_view name, const config::Provider& provider,
                   std::string_view model) {
  if (!provider.enabled || !provider.pooled)
    return not_found("model " + in_quotes(name) + " is out of reach: " + off(provider),
                     enable_hint(provider));
  for (const auto& text : provider.exclude) {
    const auto pattern = Pattern::compile(text);
    if (pattern && pattern->matches(model))
      return not_found("model " + in_quotes(name) + " is excluded by the pattern " + text +
                           " of provider " + provider.id,
                       "change `exclude` of that provider: tpool config edit");
  }
  const auto prefix = provider.id + "/";
  const bool offers_any =
      std::any_of(pool.entries.begin(), pool.entries.end(),
                  [&](const Entry& entry) { return entry.name.starts_with(prefix); });
  if (!offers_any)
    return not_found(
        "provider " + provider.id + " offers no model, so not " + in_quotes(name),
        provider.models && provider.models->empty()
            ? "its list of models is empty: tpool provider edit " + provider.id + " --model NAME"
            : "fetch its list: tpool provider test " + provider.id);
  return not_found("provider " + provider.id + " has no model " + in_quotes(model),
                   hint_for(pool, name));
}

Error explain_rules(const Pool& pool, const config::Model& model,
                    const std::vector<EffectiveRule>& rules) {
  constexpr std::size_t most = 5;
  std::string tried;
  for (std::size_t i = 0; i < std::min(rules.size(), most); ++i)
    tried += (i > 0 ? "; " : "") + describe(*rules[i].rule) + ": " +
             fruitless(pool, model, *rules[i].rule);
  if (rules.size() > most) tried += "; and " + std::to_string(rules.size() - most) + " more";
  return not_found("model " + in_quotes(model.id) + " has no route: " + tried,
                   "tpool rule list shows its rules, tpool provider models what a provider lists");
}

Error explain_model(const Pool& pool, const config::Model& model) {
  if (model.disabled)
    return not_found("model " + in_quotes(model.id) + " is disabled",
                     "tpool model edit " + model.id + " --enabled yes");
  const auto* book = pool.providers.empty() ? nullptr : pool.providers.front().book.get();
  const auto rules = effective_rules(*pool.config, model, developer_of(model, book));
  if (!rules.empty()) return explain_rules(pool, model, rules);
  if (!model.fallback)
    return not_found(
        "model " + in_quotes(model.id) + " has no route: `fallback` is off and no rule places it",
        "tpool model edit " + model.id + " --fallback yes, or tpool rule add --model " + model.id +
            " --provider ID");
  for (const auto& provider : pool.config->providers) {
    const bool lists_it =
        provider.models && std::find(provider.models->begin(), provider.models->end(), model.id) !=
                               provider.models->end();
    if (lists_it && (!provider.enabled || !provider.pooled))
      return not_found("model " + in_quotes(model.id) + " has no route: " + off(provider),
                       enable_hint(provider));
  }
  return not_found(
      "model " + in_quotes(model.id) + " has no route: no pooled provider lists that id",
      "tpool pool list shows what they list");
}

// Every name but an alias; nullopt when `name` is none of the store's.
std::optional<Error> explain_own(const Pool& pool, std::string_view name) {
  for (const auto& model : pool.config->models)
    if (strip_marker(model.id).name == name) return explain_model(pool, model);
  const auto slash = name.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto id = name.substr(0, slash);
  for (const auto& provider : pool.config->providers)
    if (provider.id == id) return explain_slug(pool, name, provider, name.substr(slash + 1));
  return std::nullopt;
}

}  // namespace

std::string fruitless(const Pool& pool, const config::Model& model, const config::Rule& rule) {
  if (rule.provider) {
    const auto* provider = config::find_provider(*pool.config, *rule.provider);
    if (!provider) return "there is no provider " + *rule.provider;
    if (!provider->enabled || !provider->pooled) return off(*provider);
  } else if (std::ranges::none_of(pool.providers, [&](const Resolved& one) {
               const auto& tags = one.stored->tags;
               return std::find(tags.begin(), tags.end(), *rule.tag) != tags.end();
             })) {
    return "no pooled provider has the tag " + *rule.tag;
  }
  const auto who = rule.provider ? "provider " + *rule.provider : "no provider of tag " + *rule.tag;
  const std::string lists = rule.provider ? " lists no " : " lists ";
  if (rule.match) return who + lists + (rule.provider ? "id" : "an id") + " like " + *rule.match;
  if (rule.upstream) return who + (rule.provider ? " excludes " : " offers ") + *rule.upstream;
  return who + lists + model.id;
}

Error Pool::explain_unknown(std::string_view name) const {
  auto wanted = strip_marker(name).name;
  if (wanted.empty()) return invalid("the request names no model", hint_for(*this, name));
  std::string through;
  for (int depth = 0; config && depth < deepest_alias; ++depth) {
    if (auto error = explain_own(*this, wanted)) {
      if (!through.empty()) error->message = through + error->message;
      return *error;
    }
    const auto alias = std::find_if(
        config->aliases.begin(), config->aliases.end(),
        [&](const config::Alias& one) { return strip_marker(one.name).name == wanted; });
    if (alias == config->aliases.end()) break;
    through += "alias " + in_quotes(alias->name) + " leads to " + in_quotes(alias->target) + ": ";
    wanted = strip_marker(alias->target).name;
  }
  return not_found(through + "there is no model " + in_quotes(wanted), hint_for(*this, wanted));
}

}  // namespace tpool::catalog
