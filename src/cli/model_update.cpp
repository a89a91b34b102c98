// Facts of a models.dev document, over the bundled ones.
#include <ctime>

#include "cli/apply_edit.hpp"
#include "cli/model.hpp"
#include "cli/secret_on_argv.hpp"
#include "core/catalog/facts_book.hpp"
#include "core/catalog/facts_file.hpp"
#include "core/config/private_file.hpp"
#include "core/json/write.hpp"
#include "proxy/fetch.hpp"

namespace tpool::cli {
namespace {

std::string today() {
  const auto now = std::time(nullptr);
  std::tm day{};
  ::gmtime_r(&now, &day);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &day);
  return text;
}

}  // namespace

Result<> model_update(Context& context) {
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
  if (!text && text.error().hint.empty())
    return Error{text.error().code, text.error().message,
                 "--from takes https://models.dev/api.json, or a file of that shape"};
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

}  // namespace tpool::cli
