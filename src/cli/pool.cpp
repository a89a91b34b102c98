#include "cli/pool.hpp"

#include "cli/commands.hpp"

namespace tpool::cli {

Command pool_noun() {
  const Option home{.name = "--codex-home",
                    .value = "DIR",
                    .help = "Codex's folder; else CODEX_HOME or ~/.codex",
                    .completes = Completes::folder};
  return {
      .name = "pool",
      .summary = "All models as one list, and Codex's wiring to it",
      .children =
          {{.name = "enable",
            .summary = "Put every model into Codex's picker",
            .description =
                "Edits Codex's config.toml at our own keys only; every other byte stays. What was "
                "there is kept and put back by `pool disable`. Makes a client token the first "
                "time and keeps it afterwards.\n\n"
                "With --catalog live, tpool serves the list and a running Codex sees changes at "
                "once. With --catalog file, the list is a file for a Codex that cannot fetch it. "
                "Without the option the installed Codex's version decides.",
            .examples = {{"pool enable", "shows the diff and asks on a terminal"},
                         {"pool enable --dry-run", "only shows it"},
                         {"pool enable --profile", "only for `codex -p tpool`"}},
            .options = {{.name = "--catalog",
                         .value = "HOW",
                         .help = "how Codex gets the list",
                         .choices = {"live", "file"}},
                        {.name = "--profile",
                         .help = "write tpool.config.toml only, leave config.toml alone"},
                        home,
                        {.name = "--force", .help = "replace a model_catalog_json of your own"}},
            .effect = Effect::edits,
            .handler = pool_enable},
           {.name = "disable",
            .summary = "Take Codex off the pool and put its settings back",
            .description = "Keeps what you changed in Codex's files meanwhile. Safe to run twice.",
            .examples = {{"pool disable", ""}, {"pool disable --dry-run", "only shows the diff"}},
            .options = {home},
            .effect = Effect::edits,
            .handler = pool_disable},
           {.name = "status",
            .summary = "Say whether Codex is wired, and what is in the way",
            .examples = {{"pool status", ""}, {"pool status --json", ""}},
            .options = {home},
            .effect = Effect::prints,
            .handler = pool_status},
           {.name = "list",
            .summary = "List the models of the pool in the order Codex shows them",
            .examples = {{"pool", "the same"},
                         {"pool list --all", "hidden names too"},
                         {"pool list --json", ""}},
            .options = {{.name = "--all", .help = "include hidden names"}},
            .effect = Effect::prints,
            .handler = pool_list},
           {.name = "sync",
            .summary = "Bring Codex's files up to date with the store",
            .description = "Every edit does this by itself; run it after one that could not.",
            .examples = {{"pool sync", ""}, {"pool sync --dry-run", ""}},
            .effect = Effect::edits,
            .handler = pool_sync}},
      .default_child = "list"};
}

}  // namespace tpool::cli
