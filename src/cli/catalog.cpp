#include <filesystem>

#include "cli/codex_wiring.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "core/config/private_file.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/text_diff.hpp"

namespace tpool::cli {
namespace {

struct Built {
  std::shared_ptr<const catalog::Pool> pool;
  connect::Catalog catalog;
  std::vector<std::string> notes;
};

Result<Built> build(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return pool.error();
  Built built{.pool = *pool};
  auto catalog = make_catalog(*built.pool, built.notes);
  if (!catalog) return catalog.error();
  built.catalog = std::move(*catalog);
  for (const auto& note : built.notes) context.out.say("note: " + note);
  return built;
}

// A document of its own has no need for one line.
void print(Context& context, const std::string& json) {
  context.out.data(context.out.json() ? json : json::indented(json));
}

Result<> show(Context& context) {
  const auto built = build(context);
  if (!built) return built.error();
  const auto wanted = context.args.value("MODEL");
  if (!wanted) {
    print(context, built->catalog.json);
    return {};
  }
  const auto document = json::Document::parse(built->catalog.json, "catalog");
  if (!document) return document.error();
  const auto models = document->root()["models"];
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (models.at(i)["slug"].string_or("") != *wanted) continue;
    print(context, models.at(i).text());
    return {};
  }
  return built->pool->explain_unknown(*wanted);
}

Result<> write(Context& context) {
  const auto built = build(context);
  if (!built) return built.error();
  const std::filesystem::path file = *context.args.value("FILE");
  const auto before = config::read_file(file);
  if (!before && before.error().code != Code::not_found) return before.error();
  const auto text = json::indented(built->catalog.json);
  const bool changed = !before || *before != text;
  if (context.dry_run()) {
    const auto diff = unified_diff(before ? *before : "", text, file.string());
    if (!context.out.json()) context.out.data(diff);
  } else if (changed) {
    if (auto written = config::replace_file(file, text, 0644); !written) return written.error();
  }
  if (context.out.json()) {
    std::string json;
    json::Writer writer(json);
    writer.begin_object().member("changed", changed).member("file", file.string());
    writer.member("etag", built->catalog.etag).end_object();
    context.out.document(json);
    return {};
  }
  context.out.say(!changed            ? file.string() + " is up to date"
                  : context.dry_run() ? "dry run: nothing was changed"
                                      : "wrote " + file.string());
  context.out.next("codex -c model_catalog_json='\"" + std::filesystem::absolute(file).string() +
                   "\"'");
  return {};
}

Result<> check(Context& context) {
  const auto built = build(context);
  if (!built) return built.error();
  const auto& codex = installed_codex();
  const auto document = json::Document::parse(built->catalog.json, "catalog");
  if (!document) return document.error();
  const auto models = document->root()["models"].size();
  if (codex)
    if (auto read = connect::check_accepts(*codex, "", built->catalog.json); !read)
      return read.error();
  if (context.out.json()) {
    std::string json;
    json::Writer writer(json);
    writer.begin_object().member("ok", true).member("models", models);
    writer.member("bytes", built->catalog.json.size()).member("etag", built->catalog.etag);
    writer.key("codex");
    codex ? writer.string(codex->version) : writer.null();
    writer.end_object();
    context.out.document(json);
    return {};
  }
  context.out.data("ok: " + counted(models, "model") + ", " +
                   (codex ? "read by Codex " + codex->version
                          : "not read by a Codex: none was found (TPOOL_CODEX names one)"));
  return {};
}

}  // namespace

Command catalog_noun() {
  return {
      .name = "catalog",
      .summary = "The model list as Codex reads it",
      .children = {{.name = "show",
                    .summary = "Print the catalog, or one model's entry",
                    .examples = {{"catalog show", ""}, {"catalog show deepseek/deepseek-chat", ""}},
                    .positionals = {{.name = "MODEL",
                                     .help = "one slug, model or alias",
                                     .required = false,
                                     .completes = Completes::model}},
                    .effect = Effect::prints,
                    .handler = show},
                   {.name = "write",
                    .summary = "Write the catalog to a file",
                    .description = "For a Codex on another machine. `pool enable --catalog "
                                   "file` keeps one up to date for the Codex on this one.",
                    .examples = {{"catalog write models.json", ""}},
                    .positionals = {{.name = "FILE",
                                     .help = "replaced whole or not at all",
                                     .completes = Completes::file}},
                    .effect = Effect::edits,
                    .handler = write},
                   {.name = "check",
                    .summary = "Let the installed Codex read the catalog in a scratch home",
                    .examples = {{"catalog check", ""}},
                    .effect = Effect::prints,
                    .handler = check}},
      .default_child = "show"};
}

}  // namespace tpool::cli
