#include "cli/admin_client.hpp"
#include "cli/apply_edit.hpp"
#include "cli/codex_wiring.hpp"
#include "cli/commands.hpp"
#include "core/config/edit.hpp"
#include "core/connect/claude.hpp"
#include "core/connect/opencode.hpp"
#include "core/digest.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

namespace fs = std::filesystem;

// A client program tpool can point at the pool, beside Codex.
struct Program {
  const char* id;    // of its access token too
  const char* name;  // for people
  const char* run;   // how it is started
  Result<fs::path> (*file)();
  json::Path (*token)();
};

const Program programs[] = {
    {"claude", "Claude Code", "claude", connect::claude_settings, connect::claude_token},
    {"opencode", "opencode", "opencode", connect::opencode_settings, connect::opencode_token},
};

Result<const Program*> program_of(const Arguments& args) {
  const auto id = *args.value("PROGRAM");
  for (const auto& program : programs)
    if (id == program.id) return &program;
  if (id == "codex") return invalid("Codex is wired by the pool itself", "tpool pool enable");
  return not_found("tpool does not know the program '" + id + "'",
                   "it can connect claude and opencode; any other takes a token of tpool client "
                   "create and the address http://HOST:PORT/v1");
}

Result<fs::path> file_of(const Arguments& args, const Program& program) {
  if (const auto said = args.value("--file")) return fs::absolute(*said).lexically_normal();
  return program.file();
}

// The token its file already holds and the store knows; else a new one.
config::Secret token_for(const config::Config& config, const Program& program,
                         const fs::path& file) {
  const auto held = connect::setting(file, program.token());
  for (const auto& client : config.clients)
    if (client.id == program.id && !held.empty() &&
        equal_constant_time(sha256_hex(held), client.token_sha256))
      return config::Secret(held);
  return config::Secret(new_token());
}

// The model to start with: as named, which must lead somewhere, else the pool's own.
Result<std::string> model_for(const Arguments& args, const char* option, const catalog::Pool& pool,
                              const std::string& otherwise) {
  const auto said = args.value(option);
  if (!said) return otherwise;
  if (!pool.resolve(*said)) return pool.explain_unknown(*said);
  return *said;
}

Result<std::vector<connect::SettingsKey>> keys_for(const Arguments& args, const Program& program,
                                                   const config::Config& config,
                                                   const catalog::Pool& pool,
                                                   const config::Secret& token) {
  const auto model = model_for(args, "--model", pool, {});
  if (!model) return model.error();
  const auto small = model_for(args, "--small-model", pool, {});
  if (!small) return small.error();
  const auto listen = listen_of(config);
  if (std::string_view(program.id) == "claude") {
    // Sizes nobody named are the pool's own of that size, where it has Claude at all.
    const auto otherwise = model->empty() ? pool.default_entry()->name : *model;
    const auto sized = [&](std::string_view size, const std::string& named) {
      auto found = named.empty() ? connect::claude_of_size(pool, size) : named;
      return found.empty() ? otherwise : found;
    };
    connect::ClaudeWiring wiring{listen, token, sized("opus", *model), sized("sonnet", *model),
                                 sized("haiku", small->empty() ? *model : *small)};
    const auto context = [&](const std::string& name) { return pool.resolve(name)->facts.context; };
    wiring.opus_context = context(wiring.opus);
    wiring.sonnet_context = context(wiring.sonnet);
    return connect::claude_keys(wiring);
  }
  return connect::opencode_keys({listen, token, *model, *small}, pool);
}

void print(Context& context, const fs::path& file, const config::Updated& updated,
           const connect::Plan& plan, const std::string& diff, const std::string& done) {
  auto& out = context.out;
  const bool changed = updated.changed || plan.changes_anything();
  if (out.json()) {
    std::string text;
    json::Writer writer(text);
    writer.begin_object().member("changed", changed).member("revision", updated.revision);
    writer.key("resync").begin_object().member("codex", "none");
    writer.member("restart_codex", false).end_object().member("file", file.string());
    if (context.dry_run()) writer.member("dry_run", true).member("diff", updated.diff + diff);
    writer.key("notes").begin_array();
    for (const auto* notes : {&plan.notes, &updated.change.notes})
      for (const auto& note : *notes) writer.string(note);
    writer.end_array().end_object();
    out.document(text);
    return;
  }
  for (const auto* notes : {&plan.notes, &updated.change.notes})
    for (const auto& note : *notes) out.say("note: " + note);
  if (context.dry_run()) {
    out.data(updated.diff + diff);
    out.say(changed ? "dry run: nothing was changed" : "dry run: nothing would change");
    return;
  }
  out.say(changed ? done : "nothing to change");
}

Result<> connect_program(Context& context) {
  const auto program = program_of(context.args);
  if (!program) return program.error();
  const auto& known = **program;
  const auto file = file_of(context.args, known);
  if (!file) return file.error();
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return pool.error();
  if (!(*pool)->default_entry())
    return invalid("the pool offers no model, so there is nothing to connect to",
                   "tpool provider add, or enable one: tpool provider list");
  const auto token = token_for(loaded->config, known, *file);
  const auto keys = keys_for(context.args, known, loaded->config, **pool, token);
  if (!keys) return keys.error();
  auto plan = connect::plan_settings(context.paths, *file, *keys, known.token());
  if (!plan) return plan.error();
  if (std::string_view(known.id) == "claude" &&
      !connect::setting(*file, {"env", "ANTHROPIC_API_KEY"}).empty())
    plan->notes.push_back(
        "ANTHROPIC_API_KEY is set in that file as well: Claude Code sends both, and says so.");
  const auto diff = connect::settings_diff(*plan);
  const auto edit = [&](config::Config& config) -> Result<config::Change> {
    const config::Client client{.id = known.id, .token_sha256 = sha256_hex(token.reveal())};
    for (const auto& each : config.clients)
      if (each.id == client.id && each.token_sha256 == client.token_sha256)
        return config::Change{"client " + client.id + " keeps its token"};
    return config::put_client(config, client, true);
  };
  if (!context.dry_run() && plan->changes_anything())
    if (auto agreed = context.show_and_ask(diff, file->string()); !agreed) return agreed;
  const auto updated = store_edit(context, edit);
  if (!updated) return updated.error();
  if (!context.dry_run()) {
    tell_serve(context);
    const connect::Wiring place{.codex_home = file->parent_path()};
    if (auto applied = connect::apply_enable(context.paths, place, *plan); !applied)
      return Error{applied.error().code,
                   "the access token is made, but: " + applied.error().message,
                   (applied.error().hint.empty() ? "" : applied.error().hint + "; ") +
                       "then run: tpool connect " + known.id};
  }
  print(context, *file, *updated, *plan, diff,
        std::string(known.name) + " is connected: " + file->string());
  if (!context.dry_run() && !context.out.json())
    context.out.next(serve_is_running(context.paths) ? known.run : "tpool serve");
  return {};
}

Result<> disconnect_program(Context& context) {
  const auto program = program_of(context.args);
  if (!program) return program.error();
  const auto& known = **program;
  const auto file = file_of(context.args, known);
  if (!file) return file.error();
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const bool claude = std::string_view(known.id) == "claude";
  const auto keys = claude ? connect::claude_keys({}) : connect::opencode_keys({}, {});
  const auto plan = connect::plan_no_settings(context.paths, *file, keys, known.token());
  if (!plan) return plan.error();
  const auto diff = connect::settings_diff(*plan);
  if (!context.dry_run())
    if (auto applied = connect::apply_disable(context.paths, {}, *plan); !applied)
      return applied.error();
  const auto updated = store_edit(context, [&](config::Config& config) -> Result<config::Change> {
    for (const auto& client : config.clients)
      if (client.id == known.id) return config::revoke_client(config, known.id, true);
    return config::Change{std::string(known.name) + " has no token"};
  });
  if (!updated) return updated.error();
  if (!context.dry_run()) tell_serve(context);
  print(context, *file, *updated, *plan, diff,
        std::string(known.name) + " is disconnected and its settings are back");
  return {};
}

Positional which() {
  return {.name = "PROGRAM",
          .help = "claude (Claude Code) or opencode",
          .completes = Completes::program};
}
Option where() {
  return {.name = "--file",
          .value = "PATH",
          .help = "its settings file, when it is not the usual one",
          .completes = Completes::file};
}

}  // namespace

Command connect_verb() {
  return {
      .name = "connect",
      .summary = "Point Claude Code or opencode at the pool",
      .description =
          "Makes an access token of its own for the program and writes it, the address and "
          "the models into the program's settings file; every other byte stays. What was there "
          "comes back with `disconnect`. Codex is wired with `pool enable`. Claude Code's three "
          "sizes are the pool's newest Claude models of those sizes, where it has them, else the "
          "model named or the pool's first, and what they take is told so that Claude Code "
          "shortens a "
          "conversation in time. opencode's list of models is the pool's of now: "
          "connect again when the pool has changed.",
      .examples = {{"connect claude", "Claude Code: ~/.claude/settings.json"},
                   {"connect claude --model zai/glm-5.2 --small-model zai/glm-4.5-air", ""},
                   {"connect opencode --dry-run", "show what would be written"}},
      .positionals = {which()},
      .options = {{.name = "--model",
                   .value = "M",
                   .help = "the model it starts with; for Claude Code the two big sizes",
                   .completes = Completes::model},
                  {.name = "--small-model",
                   .value = "M",
                   .help = "the model for its background work; for Claude Code the small size",
                   .completes = Completes::model},
                  where()},
      .effect = Effect::edits,
      .handler = connect_program};
}

Command disconnect_verb() {
  return {.name = "disconnect",
          .summary = "Take Claude Code or opencode off the pool again",
          .description =
              "Puts the settings file back as it was; what you changed in it since stays. The "
              "program's token is revoked.",
          .examples = {{"disconnect claude", ""}, {"disconnect opencode --dry-run", ""}},
          .positionals = {which()},
          .options = {where()},
          .effect = Effect::edits,
          .handler = disconnect_program};
}

}  // namespace tpool::cli
