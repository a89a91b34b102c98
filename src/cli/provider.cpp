#include "cli/provider.hpp"

#include "cli/commands.hpp"
#include "cli/key_input.hpp"

namespace tpool::cli {
namespace {

const std::vector<std::string> protocols{"responses", "chat", "messages", "gemini", "echo"};

std::vector<Option> field_options() {
  return {
      {.name = "--name", .value = "NAME", .help = "what people call it"},
      {.name = "--protocol", .value = "P", .help = "what it speaks", .choices = protocols},
      {.name = "--base-url",
       .value = "URL",
       .help = "its address; the URL of one call is understood too"},
      {.name = "--model",
       .value = "M",
       .help = "offer exactly these models",
       .repeats = true,
       .completes = Completes::model},
      {.name = "--tag",
       .value = "TAG",
       .help = "a tag",
       .repeats = true,
       .completes = Completes::tag},
      {.name = "--concurrency", .value = "N", .help = "requests at once"},
      {.name = "--rpm", .value = "N", .help = "requests per minute"},
      {.name = "--tpm", .value = "N", .help = "tokens per minute"},
      {.name = "--proxy", .value = "URL", .help = "HTTP proxy; also 'inherit' or 'direct'"},
  };
}

template <class... Lists>
std::vector<Option> all_of(Lists... lists) {
  std::vector<Option> all;
  (all.insert(all.end(), lists.begin(), lists.end()), ...);
  return all;
}

using Options = std::vector<Option>;

Positional one_provider() {
  return {.name = "PROVIDER", .help = "its id", .completes = Completes::provider};
}

Command add() {
  return {
      .name = "add",
      .summary = "Add a provider from a preset, or any endpoint by its URL",
      .description =
          "Without a key option it uses the preset's usual variable when that is set, and else "
          "asks "
          "for the key without showing it. Then it fetches the model list and makes one small call "
          "to test the key. A failed test does not lose the provider.",
      .examples = {{"provider add deepseek", "a preset; asks for the key"},
                   {"provider add openai --key-env OPENAI_API_KEY", "key from a variable"},
                   {"pass show moonshot | tpool provider add moonshot --key-stdin", ""},
                   {"provider add https://llm.example.com/v1/chat/completions --no-key",
                    "any endpoint"},
                   {"provider add ollama", "a local server, no key"},
                   {"provider add echo", "built in and offline, to try things out"}},
      .positionals = {{.name = "NAME_OR_PRESET",
                       .help = "a preset (tpool provider presets), a name of your own, or a URL",
                       .required = false,
                       .completes = Completes::preset}},
      .options = all_of(
          Options{{.name = "--id", .value = "ID", .help = "its id; else made from the name"}},
          field_options(), key_options(),
          Options{{.name = "--no-key", .help = "it needs no key"},
                  {.name = "--no-test", .help = "do not call it now"}}),
      .effect = Effect::edits,
      .handler = provider_add};
}

Command edit() {
  return {.name = "edit",
          .summary = "Change fields of a provider",
          .description =
              "Only the fields named change. An empty value clears one, 0 a limit. Changing the "
              "base URL or "
              "protocol empties a curated model list: its ids belong to the old endpoint.",
          .examples = {{"provider edit deepseek --concurrency 4", "at most four requests at once"},
                       {"provider edit deepseek --model deepseek-chat", "offer exactly this model"},
                       {"provider edit deepseek --all-models", "offer all it lists again"}},
          .positionals = {one_provider()},
          .options = all_of(field_options(),
                            Options{{.name = "--auth",
                                     .value = "HOW",
                                     .help = "how the key travels",
                                     .choices = {"bearer", "x-api-key", "x-goog-api-key", "none"}},
                                    {.name = "--failover",
                                     .value = "WHO",
                                     .help = "who takes over: keys, same-model, or slugs"},
                                    {.name = "--exclude",
                                     .value = "PATTERN",
                                     .help = "leave out models like this",
                                     .repeats = true},
                                    {.name = "--all-models", .help = "offer every model it lists"},
                                    {.name = "--no-models", .help = "offer none of its models"}}),
          .effect = Effect::edits,
          .handler = provider_edit};
}

Command move() {
  return {.name = "move",
          .summary = "Change a provider's place in the order",
          .description =
              "Lists and Codex's picker follow the order. Routing does with the strategy priority; "
              "with any other it only decides between equals.",
          .examples = {{"provider move deepseek --first", ""},
                       {"provider move openai --after deepseek", ""}},
          .positionals = {one_provider()},
          .options = {{.name = "--before",
                       .value = "PROVIDER",
                       .help = "put it before this one",
                       .completes = Completes::provider},
                      {.name = "--after",
                       .value = "PROVIDER",
                       .help = "put it after this one",
                       .completes = Completes::provider},
                      {.name = "--first", .help = "put it first"},
                      {.name = "--last", .help = "put it last"}},
          .effect = Effect::edits,
          .handler = provider_move};
}

Command test() {
  return {.name = "test",
          .summary = "Make small real calls and say what a provider can do",
          .description =
              "Asks for a one-token answer and one tool call: the first model of each provider "
              "named, or of every enabled one. Costs a few tokens per model.",
          .examples = {{"provider test", "one model of every provider"},
                       {"provider test deepseek --all", "every model of one provider"},
                       {"provider test deepseek --model deepseek-chat --json", ""}},
          .positionals = {{.name = "PROVIDER",
                           .help = "which ones",
                           .required = false,
                           .repeats = true,
                           .completes = Completes::provider}},
          .options = {{.name = "--model",
                       .value = "M",
                       .help = "test this model",
                       .repeats = true,
                       .completes = Completes::model},
                      {.name = "--all", .help = "test every model"},
                      {.name = "--no-tools", .help = "leave out the tool call"},
                      {.name = "--timeout", .value = "SECONDS", .help = "limit per call (30)"}},
          .effect = Effect::prints,
          .handler = provider_test};
}

Command models() {
  return {.name = "models",
          .summary = "A provider's models, and fetching its list anew",
          .description =
              "Which of them the pool offers is decided by provider edit --model, "
              "--all-models, --no-models and --exclude.",
          .children = {{.name = "list",
                        .summary = "List the models a provider offers",
                        .examples = {{"provider models deepseek", ""},
                                     {"provider models list deepseek --json", ""}},
                        .positionals = {one_provider()},
                        .effect = Effect::prints,
                        .handler = provider_models},
                       {.name = "fetch",
                        .summary = "Ask a provider for its list and remember it",
                        .examples = {{"provider models fetch deepseek", ""},
                                     {"provider models fetch", "of every enabled provider"}},
                        .positionals = {{.name = "PROVIDER",
                                         .help = "which ones",
                                         .required = false,
                                         .repeats = true,
                                         .completes = Completes::provider}},
                        .effect = Effect::edits,
                        .handler = provider_models_fetch},
                       {.name = "sync",
                        .summary = "Offer exactly what a provider lists now and a pattern matches",
                        .description =
                            "Fetches the list, leaves out what cannot chat and says why, and makes "
                            "the rest the provider's list of models. Models set by hand stay. A "
                            "pattern is a glob (* and ?), or a regular expression between slashes.",
                        .examples = {{"provider models sync openrouter --match 'anthropic/*'", ""},
                                     {"provider models sync openai --match '/^gpt-6/' --dry-run",
                                      "show what would change"}},
                        .positionals = {one_provider()},
                        .options = {{.name = "--match",
                                     .value = "PATTERN",
                                     .help = "only models like this",
                                     .repeats = true}},
                        .effect = Effect::edits,
                        .handler = provider_models_sync}},
          .default_child = "list"};
}

Command transfer(bool out) {
  if (out)
    return {.name = "export",
            .summary = "Print providers as TOML, without secrets",
            .description =
                "A key kept in the store is replaced by the variable it is expected in, and said "
                "so in a comment. Headers that carry credentials are left out.",
            .examples = {{"provider export > providers.toml", "all of them"},
                         {"provider export deepseek | ssh host tpool provider import", ""}},
            .positionals = {{.name = "PROVIDER",
                             .help = "which ones; without any, all",
                             .required = false,
                             .repeats = true,
                             .completes = Completes::provider}},
            .effect = Effect::prints,
            .handler = provider_export};
  return {.name = "import",
          .summary = "Add providers from TOML",
          .description =
              "Reads what `provider export` prints: [[provider]] tables. Everything is "
              "added, or nothing.",
          .examples = {{"provider import < providers.toml", ""},
                       {"provider import providers.toml --replace --dry-run", ""}},
          .positionals = {{.name = "FILE",
                           .help = "the file; without it or with '-', stdin",
                           .required = false,
                           .completes = Completes::file}},
          .options = {{.name = "--replace", .help = "replace providers that have the same id"}},
          .effect = Effect::edits,
          .handler = provider_import};
}

Command switch_verb(bool on) {
  return {.name = on ? "enable" : "disable",
          .summary = on ? "Offer a provider again" : "Stop using a provider, keep its settings",
          .examples = {{on ? "provider enable deepseek" : "provider disable deepseek", ""}},
          .positionals = {one_provider()},
          .effect = Effect::edits,
          .handler = on ? provider_enable : provider_disable};
}

}  // namespace

Command provider_noun() {
  return {
      .name = "provider",
      .summary = "Accounts and endpoints that run models",
      .children = {add(),
                   {.name = "list",
                    .summary = "List the providers in their order",
                    .examples = {{"provider", "list is the default"}, {"provider list --json", ""}},
                    .effect = Effect::prints,
                    .handler = provider_list},
                   {.name = "show",
                    .summary = "Show everything about a provider, secrets masked",
                    .examples = {{"provider show deepseek", ""}},
                    .positionals = {one_provider()},
                    .effect = Effect::prints,
                    .handler = provider_show},
                   edit(),
                   {.name = "rename",
                    .summary = "Give a provider a new id; its old model names keep working",
                    .examples = {{"provider rename deepseek ds", ""}},
                    .positionals = {one_provider(),
                                    {.name = "NEW_ID", .help = "a-z, 0-9, _ and -"}},
                    .effect = Effect::edits,
                    .handler = provider_rename},
                   {.name = "remove",
                    .summary = "Remove a provider and its keys from the store",
                    .examples = {{"provider remove deepseek", "asks first"},
                                 {"provider remove deepseek --yes", ""}},
                    .positionals = {one_provider()},
                    .options = {{.name = "--force", .help = "even when something names it"}},
                    .effect = Effect::edits,
                    .handler = provider_remove},
                   switch_verb(true),
                   switch_verb(false),
                   move(),
                   test(),
                   models(),
                   {.name = "presets",
                    .summary = "List the providers tpool knows",
                    .examples = {{"provider presets", ""}},
                    .effect = Effect::prints,
                    .handler = provider_presets},
                   transfer(false),
                   transfer(true)},
      .default_child = "list"};
}

}  // namespace tpool::cli
