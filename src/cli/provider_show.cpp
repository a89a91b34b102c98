#include "cli/apply_edit.hpp"
#include "cli/provider.hpp"
#include "cli/provider_view.hpp"
#include "cli/table.hpp"
#include "core/catalog/presets.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {

namespace {

void write_quirks(json::Writer& writer, const catalog::Quirks& quirks) {
  writer.key("quirks").begin_object();
  for (const auto& [name, value] : quirks) writer.member(name, value);
  writer.end_object();
}

}  // namespace

Result<> provider_list(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return pool.error();
  if (context.out.json()) {
    std::string text;
    json::Writer writer(text);
    writer.begin_array();
    for (const auto& provider : loaded->config.providers)
      write_provider(writer, loaded->config, provider, **pool);
    writer.end_array();
    context.out.document(text);
    return {};
  }
  if (loaded->config.providers.empty()) {
    context.out.say("no providers yet");
    context.out.next("tpool provider add deepseek (tpool provider presets lists the known ones)");
    return {};
  }
  Table table({"ID", "PROTOCOL", ">MODELS", "KEY", "STATE"});
  for (const auto& provider : loaded->config.providers) {
    const auto view = view_of(provider, **pool);
    table.row({view.id,
               view.protocol,
               std::to_string(view.models.size()),
               view.keys_summary,
               {view.state, view.ready ? Style::good : Style::bad}});
  }
  context.out.data(table.text(context.out));
  return {};
}

Result<> provider_show(Context& context) {
  const auto loaded = context.load();
  if (!loaded) return loaded.error();
  const auto provider = require_provider(loaded->config, *context.args.value("PROVIDER"));
  if (!provider) return provider.error();
  const auto pool = build_pool(context.paths, loaded->config, loaded->revision);
  if (!pool) return pool.error();
  if (context.out.json()) {
    std::string text;
    json::Writer writer(text);
    write_provider(writer, loaded->config, **provider, **pool);
    context.out.document(text);
    return {};
  }
  context.out.data(describe_provider(context.out, loaded->config, **provider, **pool));
  return {};
}

Result<> provider_presets(Context& context) {
  if (context.out.json()) {
    std::string text;
    json::Writer writer(text);
    writer.begin_array();
    for (const auto& preset : catalog::presets()) {
      writer.begin_object();
      writer.member("id", preset.id).member("name", preset.name);
      writer.member("protocol", to_string(preset.protocol)).member("base_url", preset.base_url);
      writer.member("auth", to_string(preset.auth)).key("key_env");
      preset.key_env.empty() ? writer.null() : writer.string(preset.key_env);
      writer.key("key_page");
      preset.key_page.empty() ? writer.null() : writer.string(preset.key_page);
      writer.member("note", preset.note);
      write_quirks(writer, preset.quirks);
      writer.key("models").begin_array();
      for (const auto model : preset.models) writer.string(model);
      writer.end_array().key("model_quirks").begin_array();
      for (const auto& [pattern, quirks] : preset.model_quirks) {
        writer.begin_object().member("match", pattern);
        write_quirks(writer, quirks);
        writer.end_object();
      }
      writer.end_array().end_object();
    }
    writer.end_array();
    context.out.document(text);
    return {};
  }
  Table table({"ID", "PROTOCOL", "KEY VARIABLE", "WHAT DIFFERS"});
  for (const auto& preset : catalog::presets())
    table.row({std::string(preset.id),
               std::string(to_string(preset.protocol)),
               preset.key_env.empty() ? std::string("none needed") : std::string(preset.key_env),
               {std::string(preset.note), Style::dim}});
  context.out.data(table.text(context.out));
  context.out.next("tpool provider add ID");
  return {};
}

}  // namespace tpool::cli
