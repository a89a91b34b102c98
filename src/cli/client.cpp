#include <algorithm>

#include "cli/apply_edit.hpp"
#include "cli/commands.hpp"
#include "cli/table.hpp"
#include "core/catalog/pattern.hpp"
#include "core/config/edit.hpp"
#include "core/digest.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

Result<> create(Context& context) {
  const auto id = *context.args.value("CLIENT");
  const auto token = new_token();
  config::Client client{.id = id,
                        .token_sha256 = sha256_hex(token),
                        .scope = context.args.value("--scope").value_or("generate")};
  if (const auto models = context.args.values("--model"); !models.empty()) client.models = models;
  for (const auto& pattern : client.models)
    if (const auto fine = catalog::Pattern::compile(pattern); !fine) return fine.error();
  const auto updated = store_edit(
      context, [&](config::Config& config) { return config::put_client(config, client, false); });
  if (!updated) return updated.error();
  EditReport report{.next = "tpool client list"};
  report.add_text("id", id);
  report.add_text("scope", client.scope);
  // The one time it is shown; a dry run has none to show.
  if (!context.dry_run()) {
    report.add_text("token", token);
    if (!context.out.json()) context.out.data(token);
    context.out.say("this token is shown once; only its hash is kept");
  }
  return finish_edit(context, *updated, report);
}

Result<> list(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  std::string text;
  json::Writer writer(text);
  Table table({"CLIENT", "SCOPE", "MODELS"});
  writer.begin_array();
  for (const auto& client : loaded->config.clients) {
    writer.begin_object().member("id", client.id).member("scope", client.scope);
    writer.key("models").begin_array();
    for (const auto& model : client.models) writer.string(model);
    writer.end_array().end_object();
    table.row({client.id, client.scope, join(client.models, ", ")});
  }
  writer.end_array();
  if (context.out.json()) {
    context.out.document(text);
  } else if (table.empty()) {
    context.out.say("no clients yet; `tpool pool enable` makes the one for Codex");
    context.out.next("tpool client create NAME");
  } else {
    context.out.data(table.text(context.out));
  }
  return {};
}

Result<> revoke(Context& context) {
  const auto id = *context.args.value("CLIENT");
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto& clients = loaded->config.clients;
  const bool known = std::any_of(clients.begin(), clients.end(),
                                 [&](const auto& client) { return client.id == id; });
  if (known && id == "codex" && loaded->config.pool.enabled && !context.args.has("--force"))
    return conflict("client codex is in use by the pool: Codex's own file holds its token",
                    "take Codex off with 'tpool pool disable', or add --force and run 'tpool pool "
                    "enable' for a new token");
  if (known)
    if (auto agreed = context.confirm("Revoke the token of client " + id + "?"); !agreed)
      return agreed;
  return run_edit(context,
                  [&](config::Config& config) {
                    return config::revoke_client(config, id, context.args.has("--force"));
                  },
                  {.next = "tpool client list"});
}

}  // namespace

Command client_noun() {
  return {.name = "client",
          .summary = "Access tokens for programs that use the proxy",
          .children =
              {{.name = "create",
                .summary = "Make a token and show it once",
                .description = "A generate token reaches generation and list endpoints, an admin "
                               "token the whole /api. Only a hash is kept.",
                .examples = {{"client create laptop", "prints the token"},
                             {"client create ci --model 'deepseek/*'", "only these models"},
                             {"client create dashboard --scope admin", ""}},
                .positionals = {{.name = "CLIENT", .help = "what to call it"}},
                .options = {{.name = "--scope",
                             .value = "SCOPE",
                             .help = "what it may reach",
                             .choices = {"generate", "admin"}},
                            {.name = "--model",
                             .value = "PATTERN",
                             .help = "only models like this",
                             .repeats = true,
                             .completes = Completes::model}},
                .effect = Effect::edits,
                .handler = create},
               {.name = "list",
                .summary = "List clients, without their tokens",
                .examples = {{"client", "list is the default"}},
                .effect = Effect::prints,
                .handler = list},
               {.name = "revoke",
                .summary = "Make a client's token worthless",
                .examples = {{"client revoke laptop", ""}},
                .positionals =
                    {{.name = "CLIENT", .help = "which one", .completes = Completes::client}},
                .options = {{.name = "--force", .help = "even while the pool or a budget uses it"}},
                .effect = Effect::edits,
                .handler = revoke}},
          .default_child = "list"};
}

}  // namespace tpool::cli
