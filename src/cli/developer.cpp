// Who made the models: what rules for a developer are for.
#include <map>

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/routes_edit.hpp"
#include "cli/table.hpp"
#include "core/catalog/rules.hpp"
#include "core/config/edit.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

struct Developer {
  std::vector<const config::Model*> models;  // the store's own
  std::vector<std::string> slugs;            // of the pool
  std::vector<const config::Rule*> rules;    // that name it
};

struct Loaded {
  config::Loaded store;
  std::shared_ptr<const catalog::Pool> pool;
  std::map<std::string, Developer> developers;
};

Result<Loaded> load(Context& context) {
  auto store = context.load();
  if (!store) return store.error();
  auto pool = build_pool(context.paths, store->config, store->revision);
  if (!pool) return pool.error();
  Loaded loaded{std::move(*store), std::move(*pool), {}};
  const auto* book =
      loaded.pool->providers.empty() ? nullptr : loaded.pool->providers.front().book.get();
  for (const auto& model : loaded.store.config.models)
    loaded.developers[catalog::developer_of(model, book)].models.push_back(&model);
  for (const auto& entry : loaded.pool->entries)
    if (entry.kind == catalog::Entry::Kind::slug && !entry.hidden)
      loaded.developers[entry.facts.developer].slugs.push_back(entry.name);
  for (const auto& rule : loaded.store.config.rules)
    if (rule.developer) loaded.developers[*rule.developer].rules.push_back(&rule);
  return loaded;
}

Result<> list(Context& context) {
  const auto loaded = load(context);
  if (!loaded) return loaded.error();
  std::string text;
  json::Writer writer(text);
  Table table({"DEVELOPER", ">MODELS", ">SLUGS", ">RULES"});
  writer.begin_array();
  for (const auto& [id, developer] : loaded->developers) {
    writer.begin_object().member("id", id).member("models", developer.models.size());
    writer.member("slugs", developer.slugs.size()).member("rules", developer.rules.size());
    writer.end_object();
    table.row({id, std::to_string(developer.models.size()), std::to_string(developer.slugs.size()),
               std::to_string(developer.rules.size())});
  }
  writer.end_array();
  if (context.out.json())
    context.out.document(text);
  else if (table.empty())
    context.out.say("no models yet");
  else
    context.out.data(table.text(context.out));
  return {};
}

void write_list(json::Writer& writer, std::string_view name,
                const std::vector<std::string>& items) {
  writer.key(name).begin_array();
  for (const auto& item : items) writer.string(item);
  writer.end_array();
}

Result<> show(Context& context) {
  const auto loaded = load(context);
  if (!loaded) return loaded.error();
  const auto id = *context.args.value("DEVELOPER");
  const auto found = loaded->developers.find(id);
  if (found == loaded->developers.end()) {
    std::vector<std::string> known;
    for (const auto& [name, developer] : loaded->developers) known.push_back(name);
    const auto close = config::nearest(id, known);
    return not_found("no model of the pool was made by '" + id + "'",
                     close.empty() ? "tpool developer list shows who made some"
                                   : "did you mean '" + join(close, "' or '") + "'?");
  }
  const auto& developer = found->second;
  if (context.out.json()) {
    std::string text;
    json::Writer writer(text);
    writer.begin_object().member("id", id).key("rules").begin_array();
    for (const auto* rule : developer.rules) writer.string(rule->id);
    writer.end_array().key("models").begin_array();
    for (const auto* model : developer.models) {
      writer.begin_object().member("id", model->id).member("inherit", model->inherit);
      const auto* entry = loaded->pool->find(model->id);
      write_list(writer, "routes",
                 entry ? describe_routes(*loaded->pool, *entry) : std::vector<std::string>());
      writer.end_object();
    }
    writer.end_array();
    write_list(writer, "slugs", developer.slugs);
    writer.end_object();
    context.out.document(text);
    return {};
  }
  for (const auto* rule : developer.rules)
    context.out.data(catalog::describe(*rule) + (rule->enabled ? "" : ", disabled"));
  for (const auto* model : developer.models) {
    context.out.data("model " + model->id + (model->inherit ? "" : ", inherits no rule"));
    if (const auto* entry = loaded->pool->find(model->id))
      for (const auto& route : describe_routes(*loaded->pool, *entry))
        context.out.data("  " + route);
    else
      context.out.data("  " + loaded->pool->explain_unknown(model->id).message);
  }
  for (const auto& slug : developer.slugs) context.out.data("slug " + slug);
  if (developer.rules.empty())
    context.out.next("tpool rule add --developer " + id + " --provider ID");
  return {};
}

}  // namespace

Command developer_noun() {
  return {.name = "developer",
          .summary = "Who made the models, for rules that hold for all of one's",
          .children = {{.name = "list",
                        .summary = "List developers with their models and rules",
                        .examples = {{"developer", "list is the default"},
                                     {"developer list --json", ""}},
                        .effect = Effect::prints,
                        .handler = list},
                       {.name = "show",
                        .summary = "Show a developer's rules, and where its models run",
                        .examples = {{"developer show anthropic", ""}},
                        .positionals = {{.name = "DEVELOPER",
                                         .help = "its name",
                                         .completes = Completes::developer}},
                        .effect = Effect::prints,
                        .handler = show}},
          .default_child = "list"};
}

}  // namespace tpool::cli
