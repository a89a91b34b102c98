#include "cli/model.hpp"

#include "cli/commands.hpp"

namespace tpool::cli {
namespace {

Positional own_positional() {
  return {.name = "MODEL", .help = "the model's id", .completes = Completes::own_model};
}

Option failover_option() {
  return {.name = "--failover",
          .value = "WHO",
          .help = "who takes over: keys, same-model, or slugs separated by commas"};
}

Option developer_option() {
  return {.name = "--developer",
          .value = "D",
          .help = "who made it",
          .completes = Completes::developer};
}

Command add_verb() {
  return {.name = "add",
          .summary = "Add a model that no single provider owns",
          .description =
              "Its id is a name of its own in every list. It runs where its rules and its "
              "developer's place it; without any, at every provider that lists the id.",
          .examples = {{"model add deepseek-chat", "at every provider that lists it"},
                       {"model add sonnet --developer anthropic --no-inherit",
                        "only by rules of its own: tpool rule add --model sonnet"}},
          .positionals = {{.name = "MODEL", .help = "its id, the name clients ask for"}},
          .options = {developer_option(),
                      failover_option(),
                      {.name = "--no-inherit", .help = "take no rule of its developer's"},
                      {.name = "--no-fallback", .help = "run nowhere without a rule"},
                      {.name = "--hidden", .help = "keep it out of lists; it still answers"}},
          .effect = Effect::edits,
          .handler = model_add};
}

Command edit_verb() {
  auto options = facts_options();
  options.push_back(developer_option());
  options.push_back(failover_option());
  for (const auto& [name, help] : {std::pair{"--inherit", "takes its developer's rules"},
                                   {"--fallback", "runs where it is listed when no rule is there"},
                                   {"--hidden", "is in no list, and still answers"},
                                   {"--enabled", "answers at all"}})
    options.push_back({.name = name, .value = "YES", .help = help, .choices = yes_or_no});
  return {
      .name = "edit",
      .summary = "Say what a model can do and costs, or change one of your own",
      .description =
          "Of a provider's model: its facts. What you say goes before everything tpool knows; "
          "--clear forgets what was said before. A model whose modalities nobody knows is treated "
          "as taking text only, in Codex's catalog and in routing alike: --input says "
          "otherwise.\n\n"
          "Of a model made with `model add`: its developer, what it inherits, and who takes over. "
          "Only the fields named change.",
      .examples = {{"model edit ollama/qwen3-vl --input text,image --context 65536", ""},
                   {"model edit vllm/mine --tools yes --effort low,high", ""},
                   {"model edit deepseek/deepseek-chat --clear", "what tpool knows holds again"},
                   {"model edit sonnet --failover same-model", "one made with model add"}},
      .positionals = {{.name = "MODEL",
                       .help = "PROVIDER/MODEL, or the id of your own",
                       .completes = Completes::model}},
      .options = std::move(options),
      .effect = Effect::edits,
      .handler = model_edit};
}

Command alias_verb() {
  return {.name = "alias",
          .summary = "Give a name that a client insists on a model; without a name, list them",
          .description =
              "The target is a slug, a model, or another alias. Names that clients ask for by "
              "themselves, such as Codex's codex-auto-review, are best hidden.",
          .examples = {{"model alias", "what there is"},
                       {"model alias gpt-5.5 deepseek/deepseek-chat", ""},
                       {"model alias codex-auto-review deepseek/deepseek-chat",
                        "Codex's own reviews; hidden by itself"},
                       {"model alias --remove gpt-5.5", ""}},
          .positionals = {{.name = "NAME",
                           .help = "what the client asks for",
                           .required = false,
                           .completes = Completes::alias},
                          {.name = "TARGET",
                           .help = "where it leads",
                           .required = false,
                           .completes = Completes::model}},
          .options = {{.name = "--hidden", .help = "keep it out of lists; it still answers"},
                      {.name = "--remove", .help = "remove the alias NAME"}},
          .effect = Effect::edits,
          .handler = model_alias};
}

}  // namespace

Command model_noun() {
  return {.name = "model",
          .summary = "Models: what is known of them, your own, and aliases",
          .children =
              {{.name = "list",
                .summary = "List the models of the pool with what is known of each",
                .examples = {{"model", "list is the default"}, {"model list deepseek --json", ""}},
                .positionals = {{.name = "PROVIDER",
                                 .help = "only this provider's",
                                 .required = false,
                                 .completes = Completes::provider}},
                .effect = Effect::prints,
                .handler = model_list},
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
                .handler = model_show},
               add_verb(),
               edit_verb(),
               {.name = "remove",
                .summary = "Remove a model of your own, and its rules with --force",
                .examples = {{"model remove sonnet", ""}},
                .positionals = {own_positional()},
                .options = {{.name = "--force", .help = "even when something names it"}},
                .effect = Effect::edits,
                .handler = model_remove},
               alias_verb(),
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
                .handler = model_update}},
          .default_child = "list"};
}

}  // namespace tpool::cli
