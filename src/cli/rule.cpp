#include "cli/rule.hpp"

#include "cli/commands.hpp"
#include "cli/dangling.hpp"
#include "cli/rule_effect.hpp"
#include "cli/table.hpp"
#include "core/catalog/rules.hpp"
#include "core/config/edit.hpp"
#include "core/config/edit_model.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

using Rules = std::vector<const config::Rule*>;

// Why a rule has no effect, or what keeps it from having one.
std::string note_on(const config::Config& config, const config::Rule& rule, bool reaches) {
  if (!rule.enabled) return "disabled";
  if (auto missing = missing_of(config, rule); !missing.empty()) return missing;
  if (rule.provider) {
    const auto* provider = config::find_provider(config, *rule.provider);
    if (!provider->enabled || !provider->pooled) return "its provider is out of the pool";
  }
  return reaches ? "" : "places nothing";
}

std::string where(const config::Rule& rule) {
  auto text = rule.provider ? "provider " + *rule.provider : "tag " + rule.tag.value_or("");
  if (rule.upstream) text += ", upstream " + *rule.upstream;
  if (rule.match) text += ", match " + *rule.match;
  return text;
}

std::vector<Option> fields(bool editing) {
  const std::string clears = editing ? "; an empty word clears it" : "";
  std::vector<Option> options{
      {.name = "--developer",
       .value = "D",
       .help = "for every model of this developer",
       .completes = Completes::developer},
      {.name = "--model",
       .value = "M",
       .help = "for this model only",
       .completes = Completes::own_model},
      {.name = "--provider",
       .value = "P",
       .help = "may run at this provider",
       .completes = Completes::provider},
      {.name = "--tag",
       .value = "T",
       .help = "may run at every provider with this tag",
       .completes = Completes::tag},
      {.name = "--upstream",
       .value = "U",
       .help = "with --model: under exactly this id there" + clears},
      {.name = "--match",
       .value = "GLOB",
       .help = "with --model: under every id like this; RE2 between slashes" + clears},
      {.name = "--priority", .value = "N", .help = "smaller goes first (100)"},
      {.name = "--when",
       .value = "EXPR",
       .help = "only for such requests: prompt_tokens > 100000 and not stream" + clears}};
  if (editing)
    options.push_back(
        {.name = "--enabled", .value = "YES", .help = "switch it on or off", .choices = yes_or_no});
  else
    options.push_back({.name = "--id", .value = "ID", .help = "what to call it"});
  return options;
}

Positional rule_positional() {
  return {.name = "RULE", .help = "the rule's id", .completes = Completes::rule};
}

Command add_verb() {
  return {.name = "add",
          .summary = "Say where the models of a developer, or one model, may run",
          .description =
              "Rules of one priority are asked in their order; a smaller priority goes first, "
              "and a worse one is used only when no better one can take the request. A model "
              "without any rule runs at every provider that lists it.\n\n"
              "A condition knows prompt_tokens, hour (of the day here), stream, tools, images, "
              "class (interactive, subagent, background, probe) and protocol (responses, chat, "
              "messages); < <= > >= = !=, and, or, not, parentheses.",
          .examples = {{"rule add --developer anthropic --tag official --priority 10", ""},
                       {"rule add --model sonnet --provider openrouter --match 'anthropic/*'", ""},
                       {"rule add --model sonnet --provider local --when 'class = background'",
                        "titles and summaries stay here"}},
          .options = fields(false),
          .effect = Effect::edits,
          .handler = rule_add};
}

}  // namespace

Result<> rule_list(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return pool.error();
  // With a model: what holds for it, in the order in which it is asked.
  Rules rules;
  if (const auto id = context.args.value("--model")) {
    const auto* model = config::find_model(loaded->config, *id);
    if (!model)
      return not_found("there is no model " + *id, "tpool model add " + *id + " makes it");
    const auto* book = (*pool)->providers.empty() ? nullptr : (*pool)->providers.front().book.get();
    for (const auto& effective :
         catalog::effective_rules(loaded->config, *model, catalog::developer_of(*model, book)))
      rules.push_back(effective.rule);
  } else {
    for (const auto& rule : loaded->config.rules) rules.push_back(&rule);
  }
  std::string text;
  json::Writer writer(text);
  Table table({"RULE", "FOR", "WHERE", ">PRIORITY", "WHEN", ">MODELS", "NOTE"});
  writer.begin_array();
  for (const auto* rule : rules) {
    const auto models = models_of(**pool, *rule);
    const auto note = note_on(loaded->config, *rule, !models.empty());
    writer.begin_object().member("id", rule->id);
    writer.member("developer", rule->developer);
    writer.member("model", rule->model);
    writer.member("provider", rule->provider);
    writer.member("tag", rule->tag);
    writer.member("upstream", rule->upstream);
    writer.member("match", rule->match);
    writer.member("priority", rule->priority);
    writer.member("when", rule->when);
    writer.member("enabled", rule->enabled).key("models").begin_array();
    for (const auto& model : models) writer.string(model);
    writer.end_array().end_object();
    table.row(
        {rule->id,
         rule->developer ? "developer " + *rule->developer : "model " + rule->model.value_or(""),
         where(*rule),
         std::to_string(rule->priority),
         rule->when.value_or(""),
         std::to_string(models.size()),
         {note, Style::caution}});
  }
  writer.end_array();
  if (context.out.json()) {
    context.out.document(text);
  } else if (table.empty()) {
    context.out.say("no rules: every model runs where it is listed");
    context.out.next("tpool rule add --help");
  } else {
    context.out.data(table.text(context.out));
  }
  return {};
}

Result<> rule_orphans(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return pool.error();
  std::vector<bool> reached((*pool)->providers.size());
  for (const auto& entry : (*pool)->entries)
    for (const auto& route : entry.routes)
      if (!route.rule.empty()) reached[route.provider] = true;
  std::string text;
  json::Writer writer(text);
  Table table({"PROVIDER", "TAGS"});
  writer.begin_array();
  for (std::size_t i = 0; i < reached.size(); ++i) {
    if (reached[i]) continue;
    const auto& provider = (*pool)->providers[i];
    writer.begin_object().member("id", provider.id).key("tags").begin_array();
    for (const auto& tag : provider.stored->tags) writer.string(tag);
    writer.end_array().end_object();
    table.row({provider.id, join(provider.stored->tags, ", ")});
  }
  writer.end_array();
  if (context.out.json())
    context.out.document(text);
  else if (table.empty())
    context.out.say("a rule reaches every provider of the pool");
  else
    context.out.data(table.text(context.out));
  return {};
}

Command rule_noun() {
  return {
      .name = "rule",
      .summary = "Where models may run, in which order, and for which requests",
      .children = {add_verb(),
                   {.name = "list",
                    .summary = "List the rules in their order",
                    .examples = {{"rule", "list is the default"},
                                 {"rule list --model sonnet", "what holds for it, inherited too"},
                                 {"rule list --json", ""}},
                    .options = {{.name = "--model",
                                 .value = "M",
                                 .help = "those that hold for this model, as they are asked",
                                 .completes = Completes::own_model}},
                    .effect = Effect::prints,
                    .handler = rule_list},
                   {.name = "edit",
                    .summary = "Change a rule",
                    .examples = {{"rule edit big-prompts --priority 20", ""},
                                 {"rule edit big-prompts --when ''", "for every request"},
                                 {"rule edit big-prompts --enabled no", "off, and still there"}},
                    .positionals = {rule_positional()},
                    .options = fields(true),
                    .effect = Effect::edits,
                    .handler = rule_edit},
                   {.name = "move",
                    .summary = "Put a rule before or after another",
                    .description = "The order counts among rules of one priority.",
                    .examples = {{"rule move big-prompts --before cheap-ones", ""}},
                    .positionals = {rule_positional()},
                    .options = {{.name = "--before",
                                 .value = "RULE",
                                 .help = "put it before this one",
                                 .completes = Completes::rule},
                                {.name = "--after",
                                 .value = "RULE",
                                 .help = "put it after this one",
                                 .completes = Completes::rule}},
                    .effect = Effect::edits,
                    .handler = rule_move},
                   {.name = "remove",
                    .summary = "Remove a rule",
                    .examples = {{"rule remove big-prompts", ""}},
                    .positionals = {rule_positional()},
                    .effect = Effect::edits,
                    .handler = rule_remove},
                   {.name = "preview",
                    .summary = "Show what a rule would change, and change nothing",
                    .examples = {{"rule preview --developer anthropic --tag official", ""}},
                    .options = fields(false),
                    .effect = Effect::prints,
                    .handler = rule_preview},
                   {.name = "orphans",
                    .summary = "List the providers of the pool that no rule reaches",
                    .examples = {{"rule orphans", ""}, {"rule orphans --json", ""}},
                    .effect = Effect::prints,
                    .handler = rule_orphans}},
      .default_child = "list"};
}

}  // namespace tpool::cli
