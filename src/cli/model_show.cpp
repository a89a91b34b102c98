// The verbs that tell what is known of models.
#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/model.hpp"
#include "cli/pool_view.hpp"
#include "cli/routes_edit.hpp"
#include "cli/table.hpp"
#include "core/catalog/facts_book.hpp"
#include "core/catalog/facts_file.hpp"
#include "core/config/edit_model.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

std::string words(const std::vector<std::string>& list) { return join(list, ", "); }
std::string number(const std::optional<std::int64_t>& value) {
  return value ? std::to_string(*value) : std::string();
}
std::string number(const std::optional<double>& value) {
  if (!value) return {};
  char text[32];
  std::snprintf(text, sizeof text, "%g", *value);
  return text;
}
std::string yes_no(const std::optional<bool>& value) { return !value ? "" : *value ? "yes" : "no"; }

// Name and how a layer spells its value; empty where it is silent.
struct Field {
  const char* name;
  std::string (*text)(const catalog::Facts&);
};
using Facts = catalog::Facts;
const Field fields[] = {
    {"name", [](const Facts& f) { return f.name; }},
    {"developer", [](const Facts& f) { return f.developer; }},
    {"context", [](const Facts& f) { return number(f.context); }},
    {"output", [](const Facts& f) { return number(f.output); }},
    {"input", [](const Facts& f) { return words(f.input); }},
    {"tool_call", [](const Facts& f) { return yes_no(f.tool_call); }},
    {"reasoning", [](const Facts& f) { return yes_no(f.reasoning); }},
    {"efforts", [](const Facts& f) { return words(f.efforts); }},
    {"cost.input", [](const Facts& f) { return number(f.cost.input); }},
    {"cost.output", [](const Facts& f) { return number(f.cost.output); }},
    {"cost.cache_read", [](const Facts& f) { return number(f.cost.cache_read); }},
    {"cost.cache_write", [](const Facts& f) { return number(f.cost.cache_write); }},
};

void write_facts(json::Writer& writer, const Facts& facts) {
  const auto words = [&](const char* name, const std::vector<std::string>& list) {
    writer.key(name).begin_array();
    for (const auto& word : list) writer.string(word);
    writer.end_array();
  };
  writer.key("name");
  facts.name.empty() ? writer.null() : writer.string(facts.name);
  writer.member("developer", facts.developer);
  writer.member("context", facts.context).member("output", facts.output);
  words("input", facts.input);
  writer.member("tool_call", facts.tool_call).member("reasoning", facts.reasoning);
  words("efforts", facts.efforts);
  writer.key("cost").begin_object();
  writer.member("input_usd", facts.cost.input).member("output_usd", facts.cost.output);
  writer.member("cache_read_usd", facts.cost.cache_read);
  writer.member("cache_write_usd", facts.cost.cache_write).end_object();
}

std::string origin_of(const std::string& source, const catalog::FactsBook* book) {
  if (source == "bundled") return "bundled";
  if (source == "updated" && book) return "updated " + book->date();
  return source;
}

// A model or an alias of the store's own: what it can do wherever it runs, and where that is.
Result<> show_own(Context& context, const config::Loaded& loaded, const std::string& id) {
  const auto pool = build_pool(context.paths, loaded.config, loaded.revision);
  if (!pool) return pool.error();
  const auto* entry = (*pool)->resolve(id);
  if (!entry) return (*pool)->explain_unknown(id);
  print_entries(context, **pool, {entry});
  if (context.out.json()) return {};
  for (const auto& route : describe_routes(**pool, *entry)) context.out.data("  " + route);
  context.out.next("tpool route explain " + id);
  return {};
}

}  // namespace

NamedModel read_model_name(const config::Config& config, const std::string& text) {
  const auto slash = text.find('/');
  if (slash != std::string::npos)
    for (const auto& provider : config.providers)
      if (provider.id == text.substr(0, slash)) return {text.substr(slash + 1), &provider};
  return {text, nullptr};
}

Result<> model_list(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto only = context.args.value("PROVIDER");
  if (only)
    if (const auto found = require_provider(loaded->config, *only); !found) return found.error();
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return pool.error();
  std::vector<const catalog::Entry*> entries;
  for (const auto& entry : (*pool)->entries)
    if (!only || entry.name.starts_with(*only + "/")) entries.push_back(&entry);
  print_entries(context, **pool, entries);
  // A model that leads nowhere is in no list, and its owner wants to know why.
  if (!only)
    for (const auto& model : loaded->config.models)
      if (!(*pool)->resolve(model.id)) {
        const auto why = (*pool)->explain_unknown(model.id);
        context.out.say("note: " + why.message + (why.hint.empty() ? "" : " (" + why.hint + ")"));
      }
  if (!entries.empty()) context.out.next("tpool model show " + entries.front()->name);
  return {};
}

Result<> model_show(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto text = *context.args.value("MODEL");
  // A name of the store's own says where it leads, whatever the catalog knows by it.
  const auto& aliases = loaded->config.aliases;
  if (config::find_model(loaded->config, text) ||
      std::ranges::find(aliases, text, &config::Alias::name) != aliases.end())
    return show_own(context, *loaded, text);
  auto named = read_model_name(loaded->config, text);
  // Before a provider is added, its preset's name stands for it.
  config::Provider unadded{.id = text.substr(0, text.find('/'))};
  if (!named.provider && unadded.id.size() < text.size() && catalog::find_preset(unadded.id)) {
    unadded.preset = unadded.id;
    named = {text.substr(unadded.id.size() + 1), &unadded};
  }
  const auto book = catalog::load_facts(context.paths);
  if (!book) return book.error();
  const auto layers = catalog::layers_of(named.model, named.provider, book->get());
  const auto facts = catalog::facts_for(named.model, named.provider, book->get());
  const bool known = std::any_of(layers.begin(), layers.end(), [](const catalog::Layer& layer) {
    return layer.facts != catalog::Facts{};
  });
  if (!known && !named.provider) {
    const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
    if (!pool) return pool.error();
    const auto* entry = (*pool)->resolve(text);
    if (!entry) return (*pool)->explain_unknown(text);
    print_entries(context, **pool, {entry});
    return {};
  }
  std::vector<std::array<std::string, 3>> rows;
  for (const auto& field : fields) {
    std::string source;
    for (const auto& layer : layers)
      if (!field.text(layer.facts).empty()) source = origin_of(layer.source, book->get());
    auto value = field.text(facts);
    if (source.empty() && std::string_view(field.name) == "developer") source = "the id";
    if (value.empty()) source.clear();
    rows.push_back({field.name, std::move(value), std::move(source)});
  }
  if (context.out.json()) {
    std::string json;
    json::Writer writer(json);
    writer.begin_object().member("id", text).member("model", named.model).key("provider");
    named.provider ? writer.string(named.provider->id) : writer.null();
    write_facts(writer, facts);
    writer.key("from").begin_object();
    for (const auto& [name, value, source] : rows) {
      writer.key(name);
      source.empty() ? writer.null() : writer.string(source);
    }
    writer.end_object().key("price_date");
    facts.price_date.empty() ? writer.null() : writer.string(facts.price_date);
    writer.member("bundled", catalog::price_date()).end_object();
    context.out.document(json);
    return {};
  }
  Table table({"FACT", "VALUE", "FROM"});
  for (const auto& [name, value, source] : rows)
    table.row({name, value.empty() ? Cell("?", Style::dim) : Cell(value), {source, Style::dim}});
  context.out.data(table.text(context.out));
  if (!facts.price_date.empty())
    context.out.say("prices in USD per million tokens, as of " + facts.price_date);
  if (named.provider && facts.input.empty())
    context.out.next("tpool model edit " + text + " --input text,image (unknown counts as text)");
  return {};
}

}  // namespace tpool::cli
