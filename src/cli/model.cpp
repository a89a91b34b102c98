#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <ctime>

#include "cli/apply_edit.hpp"
#include "cli/commands.hpp"
#include "cli/pool_view.hpp"
#include "cli/secret_on_argv.hpp"
#include "cli/table.hpp"
#include "core/catalog/facts_file.hpp"
#include "core/catalog/model_lists.hpp"
#include "core/config/edit_model.hpp"
#include "core/config/private_file.hpp"
#include "core/json/write.hpp"
#include "proxy/fetch.hpp"

namespace tpool::cli {
namespace {

Result<> list(Context& context) {
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
  if (!entries.empty()) context.out.next("tpool model show " + entries.front()->name);
  return {};
}

// A slug of the store, or a bare model id that some preset's developer made.
struct Named {
  std::string model;
  const config::Provider* provider = nullptr;
};

Named read_name(const config::Config& config, const std::string& text) {
  const auto slash = text.find('/');
  if (slash != std::string::npos)
    for (const auto& provider : config.providers)
      if (provider.id == text.substr(0, slash)) return {text.substr(slash + 1), &provider};
  return {text, nullptr};
}

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

Result<> show(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto text = *context.args.value("MODEL");
  auto named = read_name(loaded->config, text);
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

std::vector<std::string> split(const std::vector<std::string>& given) {
  std::vector<std::string> parts;
  for (const auto& value : given)
    for (std::size_t at = 0; at <= value.size();) {
      const auto end = std::min(value.find(',', at), value.size());
      if (end > at) parts.push_back(value.substr(at, end - at));
      at = end + 1;
    }
  return parts;
}

Result<std::optional<double>> price(const Arguments& args, const char* name) {
  const auto text = args.value(name);
  if (!text) return std::optional<double>{};
  char* end = nullptr;
  const double value = std::strtod(text->c_str(), &end);
  if (text->empty() || *end != '\0' || !std::isfinite(value) || value < 0)
    return invalid(std::string(name) + " must be USD per million tokens, such as 0.28");
  return std::optional<double>{value};
}

std::optional<bool> truth(const Arguments& args, const char* name) {
  const auto text = args.value(name);
  if (!text) return std::nullopt;
  return *text == "yes";
}

Result<config::ProviderModel> read_said(const Arguments& args, std::string id) {
  constexpr std::int64_t most_tokens = 1'000'000'000;
  config::ProviderModel said{.id = std::move(id)};
  said.name = args.value("--name");
  const auto context = args.integer("--context", 1, most_tokens);
  if (!context) return context.error();
  const auto output = args.integer("--output", 1, most_tokens);
  if (!output) return output.error();
  said.context = *context;
  said.output = *output;
  if (args.has("--input")) said.input = split(args.values("--input"));
  if (args.has("--effort")) said.efforts = split(args.values("--effort"));
  said.tool_call = truth(args, "--tools");
  said.reasoning = truth(args, "--reasoning");
  config::Cost cost;
  for (const auto& [name, field] : {std::pair{"--cost-input", &cost.input},
                                    {"--cost-output", &cost.output},
                                    {"--cost-cache-read", &cost.cache_read},
                                    {"--cost-cache-write", &cost.cache_write}}) {
    const auto value = price(args, name);
    if (!value) return value.error();
    *field = *value;
  }
  if (cost != config::Cost{}) said.cost = cost;
  return said;
}

Result<> edit(Context& context) {
  const auto text = *context.args.value("MODEL");
  const auto slash = text.find('/');
  if (slash == std::string::npos || slash + 1 == text.size())
    return invalid("which provider's model?",
                   "name it as PROVIDER/MODEL, as tpool model list does");
  auto said = read_said(context.args, text.substr(slash + 1));
  if (!said) return said.error();
  const bool afresh = context.args.has("--clear");
  if (*said == config::ProviderModel{.id = said->id} && !afresh)
    return invalid("nothing to change was named", "run 'tpool model edit --help' for the fields");
  return run_edit(context,
                  [&](config::Config& config) {
                    return config::edit_model(config, text.substr(0, slash), *said, afresh);
                  },
                  {.next = "tpool model show " + text});
}

std::string today() {
  const auto now = std::time(nullptr);
  std::tm day{};
  ::gmtime_r(&now, &day);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &day);
  return text;
}

Result<> update(Context& context) {
  const auto said = context.args.value("--from");
  if (!said)
    return invalid("from where?", "--from https://models.dev/api.json, or a file of that shape");
  const auto& from = *said;
  if (looks_like_secret(from)) return secret_on_argv();
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const bool remote = from.find("://") != std::string::npos;
  if (remote) context.out.progress("fetching " + from.substr(0, from.find('?')) + " ...");
  const auto text = remote ? proxy::fetch_document(loaded->config, from) : config::read_file(from);
  if (!text) return text.error();
  // The query of an address may be a secret of the user's.
  const auto source = from.substr(0, from.find('?'));
  const auto book = catalog::FactsBook::parse(*text, today(), source);
  if (!book)
    return Error{book.error().code, source + ": " + book.error().message, book.error().hint};
  auto old = catalog::load_facts(context.paths);
  if (!old && old.error().code != Code::corrupt) return old.error();
  const auto* before = old ? old->get() : nullptr;
  const auto diff = catalog::compare(before, *book);
  if (!context.dry_run())
    if (auto saved = catalog::save_facts(context.paths, *book); !saved) return saved;

  std::string json;
  json::Writer writer(json);
  writer.begin_object().member("source", source).member("date", book->date());
  writer.member("models", book->size()).member("added", diff.added);
  writer.member("changed", diff.changed).member("removed", diff.removed).key("diff").begin_array();
  for (const auto& line : diff.lines) writer.string(line);
  writer.end_array().end_object();
  config::Updated updated;
  updated.change.summary = "the facts of " + counted(book->size(), "model") + " are remembered";
  updated.changed = diff.added + diff.changed + diff.removed > 0;
  updated.revision = loaded->revision;
  updated.after = loaded->config;
  for (const auto& line : diff.lines) context.out.say("  " + line);
  const auto steps = diff.added + diff.changed + diff.removed;
  if (before && steps > diff.lines.size())
    context.out.say("  and " + std::to_string(steps - diff.lines.size()) + " more");
  context.out.say(counted(book->size(), "model") + ": " + std::to_string(diff.added) + " new, " +
                  std::to_string(diff.changed) + " changed, " + std::to_string(diff.removed) +
                  " gone");
  return finish_edit(context, updated, {.next = "tpool model list", .members = {{"update", json}}});
}

Command edit_verb() {
  const std::vector<std::string> yes_or_no{"yes", "no"};
  return {
      .name = "edit",
      .summary = "Say what a model of a provider can do and costs",
      .description =
          "What you say goes before everything tpool knows. Only the fields named change; --clear "
          "forgets what was said before. A model whose modalities nobody knows is treated as "
          "taking "
          "text only, in Codex's catalog and in routing alike: --input says otherwise.",
      .examples = {{"model edit ollama/qwen3-vl --input text,image --context 65536", ""},
                   {"model edit vllm/mine --tools yes --effort low,high", ""},
                   {"model edit deepseek/deepseek-chat --clear", "what tpool knows holds again"}},
      .positionals = {{.name = "MODEL", .help = "PROVIDER/MODEL", .completes = Completes::model}},
      .options = {{.name = "--name", .value = "NAME", .help = "what people call it"},
                  {.name = "--context", .value = "N", .help = "tokens in and out together"},
                  {.name = "--output", .value = "N", .help = "tokens of one answer"},
                  {.name = "--input",
                   .value = "KINDS",
                   .help = "what it takes: text,image,audio,video,pdf",
                   .repeats = true},
                  {.name = "--tools", .value = "YES", .help = "calls tools", .choices = yes_or_no},
                  {.name = "--reasoning", .value = "YES", .help = "thinks", .choices = yes_or_no},
                  {.name = "--effort",
                   .value = "LEVELS",
                   .help = "levels of thinking: low,medium,high",
                   .repeats = true},
                  {.name = "--cost-input", .value = "USD", .help = "per million tokens"},
                  {.name = "--cost-output", .value = "USD", .help = "per million tokens"},
                  {.name = "--cost-cache-read", .value = "USD", .help = "per million tokens"},
                  {.name = "--cost-cache-write", .value = "USD", .help = "per million tokens"},
                  {.name = "--clear", .help = "forget what was said before"}},
      .effect = Effect::edits,
      .handler = edit};
}

}  // namespace

Command model_noun() {
  return {.name = "model",
          .summary = "What is known of models: limits, abilities, prices",
          .children =
              {{.name = "list",
                .summary = "List the models of the pool with what is known of each",
                .examples = {{"model", "list is the default"}, {"model list deepseek --json", ""}},
                .positionals = {{.name = "PROVIDER",
                                 .help = "only this provider's",
                                 .required = false,
                                 .completes = Completes::provider}},
                .effect = Effect::prints,
                .handler = list},
               {.name = "show",
                .summary = "Show each fact of a model and where it comes from",
                .description =
                    "A fact is bundled with tpool, or from the last `model update`, or said in the "
                    "store; the later goes before the earlier. What nobody said is unknown.",
                .examples = {{"model show deepseek/deepseek-chat", "one of a provider"},
                             {"model show gpt-5.5", "what is known of it anywhere"}},
                .positionals = {{.name = "MODEL",
                                 .help = "PROVIDER/MODEL, or a model's id",
                                 .completes = Completes::model}},
                .effect = Effect::prints,
                .handler = show},
               edit_verb(),
               {.name = "update",
                .summary = "Take the facts of a models.dev document over the bundled ones",
                .description =
                    "Only when you ask, only over https or from a file, and no credentials are "
                    "sent. The document is checked, what tpool has presets for is kept in the "
                    "state directory, and what changed is shown.",
                .examples = {{"model update --from https://models.dev/api.json", ""},
                             {"model update --from api.json --dry-run", "show what would change"}},
                .options = {{.name = "--from",
                             .value = "FILE_OR_URL",
                             .help = "the document",
                             .completes = Completes::file}},
                .effect = Effect::edits,
                .handler = update}},
          .default_child = "list"};
}

}  // namespace tpool::cli
