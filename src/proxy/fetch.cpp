#include "proxy/fetch.hpp"

#include <set>

#include "core/protocol/echo/echo.hpp"
#include "core/protocol/openai_error.hpp"
#include "core/protocol/registry.hpp"
#include "proxy/single_call.hpp"

namespace tpool::proxy {
namespace {

constexpr std::size_t most_pages = 100;

// What the protocol wants on every call, such as its version.
std::string protocol_fields(const Subject& subject) {
  const auto* codec = protocol::provider_codec(subject.provider.protocol);
  if (!codec) return {};
  std::string fields;
  const protocol::Target target{subject.provider.id, "m", subject.provider.dialect};
  for (const auto& [name, value] : codec->encode_request({.model = "m"}, target).headers)
    fields += name + ": " + value + "\r\n";
  return fields;
}

// Several providers answer 400 to a key they do not know (xAI: docs.x.ai/developers/debugging;
// Google AI Studio: API_KEY_INVALID), so the words count as they do in an exchange.
bool refuses_key(const Reply& reply, Protocol protocol) {
  if (reply.status == 401 || reply.status == 403) return true;
  const auto* codec = protocol::provider_codec(protocol);
  return reply.status >= 400 && reply.status < 500 && codec &&
         codec->decode_error(reply.status, reply.body).kind == ir::Failure::Kind::auth;
}

std::optional<Error> list_problem(const Reply& reply, const std::string& where,
                                  const catalog::Resolved& about) {
  const auto& provider = about.id;
  if (!reply.error.empty()) return unavailable("cannot fetch " + where + ": " + reply.error);
  if (refuses_key(reply, about.protocol))
    return Error{Code::unauthorized,
                 where + " answered " + std::to_string(reply.status) + ": the key is not accepted",
                 "replace it with `tpool key add " + provider + "`"};
  if (reply.status / 100 != 2)
    return unavailable(
        where + " answered " + std::to_string(reply.status),
        "name the models yourself with `tpool provider edit " + provider + " --model ID`");
  return std::nullopt;
}

void drop_duplicates(std::vector<catalog::ListedModel>& models) {
  std::set<std::string> seen;
  std::erase_if(models,
                [&](const catalog::ListedModel& model) { return !seen.insert(model.id).second; });
}

}  // namespace

Result<std::vector<catalog::ListedModel>> fetch_models(const config::Config& config,
                                                       const std::string& provider) {
  auto about = subject(config, provider);
  if (!about) return about.error();
  std::vector<catalog::ListedModel> models;
  if (about->provider.protocol == Protocol::echo) {
    for (const auto model : protocol::echo::models) models.push_back({std::string(model), ""});
    return models;
  }
  // A list beside the base URL replaces its path.
  std::string path = "/models";
  if (!about->provider.list_path.empty()) {
    about->destination.origin.path.clear();
    path = about->provider.list_path;
  }
  const auto where = about->destination.origin.authority + about->destination.origin.path + path;
  const auto extra = "accept: application/json\r\n" + protocol_fields(*about);
  Caller caller;
  std::set<std::string> asked{""};
  for (std::string query;;) {
    const auto reply = caller.call(*about, "GET", query.empty() ? path : path + "?" + query, extra,
                                   {}, Milliseconds(30'000));
    if (auto problem = list_problem(reply, where, about->provider)) return *problem;
    auto page = catalog::parse_model_page(reply.body);
    // What a provider says in place of its list may name the key.
    if (!page)
      return Error{page.error().code, protocol::mask_keys(page.error().message), page.error().hint};
    models.insert(models.end(), page->models.begin(), page->models.end());
    query = page->next;
    // A token seen before, or no end in sight: what came so far is the list.
    if (query.empty() || !asked.insert(query).second || asked.size() > most_pages) break;
  }
  drop_duplicates(models);
  return models;
}

Result<std::string> fetch_document(const config::Config& config, const std::string& url) {
  if (!url.starts_with("https://"))
    return invalid("only https:// addresses are fetched", "or name a file");
  const auto host = url.find('/', std::string_view("https://").size());
  if (url.find('@') < host) return invalid("the URL holds a user name or password", "leave it out");
  config::Provider nobody;
  nobody.id = "nobody";
  nobody.protocol = Protocol::chat;
  nobody.auth = Auth::none;
  nobody.base_url = url.substr(0, host);
  auto resolved = catalog::resolve(nobody, config.routing);
  if (!resolved) return resolved.error();
  auto destination = make_destination(config, *resolved, nullptr);
  if (destination.problem) return *destination.problem;
  const Subject subject{std::move(*resolved), std::move(destination)};
  Caller caller;
  const auto reply = caller.call(subject, "GET", host == std::string::npos ? "/" : url.substr(host),
                                 "accept: application/json\r\n", {}, Milliseconds(60'000));
  // A query may be a secret of the user's.
  const auto where = url.substr(0, url.find('?'));
  if (!reply.error.empty()) return unavailable("cannot fetch " + where + ": " + reply.error);
  if (reply.status / 100 == 3)
    return unavailable(where + " leads elsewhere (" + std::to_string(reply.status) + ")",
                       "give the address it leads to");
  if (reply.status != 200)
    return unavailable(where + " answered " + std::to_string(reply.status), "check the address");
  if (reply.body.size() >= most_body) return unavailable(where + " is larger than 16 MiB");
  return reply.body;
}

}  // namespace tpool::proxy
