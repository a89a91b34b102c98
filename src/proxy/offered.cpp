#include "proxy/offered.hpp"

#include "core/catalog/may_use.hpp"
#include "core/connect/codex_catalog.hpp"
#include "core/digest.hpp"
#include "core/json/write.hpp"

namespace tpool::proxy {
namespace {

constexpr std::string_view empty_catalog = R"({"object":"list","data":[],"models":[]})";

std::string openai_list(const catalog::Pool& pool, const config::Client* client, bool all) {
  std::string text;
  json::Writer out(text);
  out.begin_object().member("object", "list").key("data").begin_array();
  for (const auto& entry : pool.entries) {
    if ((entry.hidden && !all) || !catalog::may_use(client, entry.name)) continue;
    const auto* owner = entry.routes.empty() ? nullptr : &pool.providers[entry.routes[0].provider];
    out.begin_object().member("id", entry.name).member("object", "model").member("created", 0);
    out.member("owned_by", owner && entry.kind == catalog::Entry::Kind::slug ? owner->id : "tpool");
    out.end_object();
  }
  out.end_array().end_object();
  return text;
}

}  // namespace

Offered offer(const catalog::Pool& pool, std::string_view catalog_template,
              const config::Client* client) {
  Offered made;
  auto catalog = connect::codex_catalog(pool, catalog_template, [client](std::string_view name) {
    return catalog::may_use(client, name);
  });
  made.codex_catalog = catalog ? std::move(catalog->json) : std::string(empty_catalog);
  made.etag =
      catalog ? std::move(catalog->etag) : "\"" + sha256_hex(empty_catalog).substr(0, 16) + "\"";
  made.openai_list = openai_list(pool, client, false);
  made.openai_all = openai_list(pool, client, true);
  return made;
}

}  // namespace tpool::proxy
