#include <algorithm>

#include "cli/apply_edit.hpp"
#include "cli/endpoint_url.hpp"
#include "cli/key_input.hpp"
#include "cli/provider.hpp"
#include "cli/secret_on_argv.hpp"
#include "cli/terminal.hpp"
#include "core/catalog/presets.hpp"
#include "core/json/write.hpp"

namespace tpool::cli {
namespace {

struct Wanted {
  std::string base_name;  // the id is made from it
  const catalog::Preset* preset = nullptr;
  config::ProviderFields fields;
};

// The preset a URL belongs to: the one with that very base, else the first at its host. A preset
// where every account has its own host is known by the rest of the host's name.
const catalog::Preset* preset_at(std::string_view url) {
  const auto host = host_of(url);
  if (host.empty() || is_loopback(url)) return nullptr;
  const catalog::Preset* found = nullptr;
  for (const auto& preset : catalog::presets()) {
    if (preset.base_url == url) return &preset;
    const auto example = host_of(preset.base_url_example);
    const bool here = preset.base_url.empty()
                          ? !example.empty() && host.ends_with(example.substr(example.find('.')))
                          : host_of(preset.base_url) == host;
    if (here && !found) found = &preset;
  }
  return found;
}

// Whether the preset's own address is the one that was pasted. Another of the same provider, such
// as a coding plan's or that of another protocol, stays what it is.
bool is_its_address(const catalog::Preset& preset, const Endpoint& endpoint) {
  const auto& url = endpoint.base_url;
  if (preset.base_url.empty()) return false;
  if (leads_to(url, preset.base_url)) return true;
  return !preset.list_path.empty() &&
         url == "https://" + host_of(url) +
                    std::string(preset.list_path.substr(0, preset.list_path.rfind('/')));
}

// "llm.example.com:8080" -> "example", the part people would say.
std::string name_from_host(std::string_view url) {
  auto host = host_of(url);
  host = host.substr(0, host.rfind(':'));
  if (host.find_first_not_of("0123456789.[]:") == std::string::npos) return "local";
  std::vector<std::string> labels;
  for (std::size_t at = 0; at <= host.size();) {
    const auto end = std::min(host.find('.', at), host.size());
    labels.push_back(host.substr(at, end - at));
    at = end + 1;
  }
  return labels.size() > 1 ? labels[labels.size() - 2] : labels[0];
}

Result<> use_url(Context& context, Wanted& wanted, const std::string& url, bool may_use_preset) {
  const auto endpoint = read_endpoint(url);
  if (!endpoint) return endpoint.error();
  auto& fields = wanted.fields;
  if (may_use_preset && !wanted.preset) wanted.preset = preset_at(endpoint->base_url);
  const bool told = !fields.protocol && endpoint->protocol;
  if (told) fields.protocol = std::string(to_string(*endpoint->protocol));
  if (!endpoint->model.empty() && !fields.models) {
    fields.models = {endpoint->model};
    context.out.say("model: " + endpoint->model + ", the deployment the URL names");
  }
  if (const auto* preset = wanted.preset; preset && may_use_preset) {
    context.out.say("that is " + std::string(preset->name) + ": using the preset " +
                    std::string(preset->id));
    const auto own = std::string(to_string(preset->protocol));
    const bool its_address = is_its_address(*preset, *endpoint);
    if (told && fields.protocol != own && its_address &&
        leads_to(preset->base_url, endpoint->base_url)) {
      // It takes several protocols there, and this one was chosen for what it can say.
      context.out.say("protocol: " + own + ", which says more there than " + *fields.protocol +
                      " (--protocol changes it)");
      fields.protocol.reset();
    }
    if (!fields.protocol || *fields.protocol == own) {
      fields.protocol.reset();
      if (its_address) return {};
    }
  }
  fields.base_url = endpoint->base_url;
  if (endpoint->trimmed) context.out.say("base URL: " + endpoint->base_url);
  if (told && fields.protocol)
    context.out.say("protocol: " + *fields.protocol + ", from the path of the URL");
  return {};
}

Error unknown_name(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& preset : catalog::presets()) known.emplace_back(preset.id);
  const auto close = config::nearest(name, known);
  return not_found("there is no preset '" + name + "'",
                   (close.empty() ? std::string("tpool provider presets lists them.")
                                  : "did you mean '" + join(close, "' or '") + "'?") +
                       " An endpoint of your own needs --base-url URL");
}

Result<std::string> ask_name(Context& context) {
  if (!context.may_ask())
    return invalid("which provider?",
                   "name a preset (tpool provider presets) or give --base-url URL");
  std::vector<std::string> ids;
  for (const auto& preset : catalog::presets()) ids.emplace_back(preset.id);
  context.out.say("known providers: " + join(ids, ", "));
  return ask_line("Which one, or the URL of another: ");
}

Result<Wanted> read_wanted(Context& context) {
  Wanted wanted;
  auto fields = read_fields(context.args);
  if (!fields) return fields.error();
  wanted.fields = std::move(*fields);
  const auto url = std::exchange(wanted.fields.base_url, std::nullopt);

  auto name = context.args.value("NAME_OR_PRESET");
  const bool echo = wanted.fields.protocol.value_or("") == "echo";
  if (!name && !url && !echo) {
    auto asked = ask_name(context);
    if (!asked) return asked.error();
    name = std::move(*asked);
  }
  if (name && looks_like_secret(*name)) return secret_on_argv();
  const bool name_is_url = name && name->find("://") != std::string::npos;
  if (name_is_url && url) return invalid("two URLs were given", "leave out --base-url");
  if (name && !name_is_url) wanted.preset = catalog::find_preset(*name);
  if (name && !name_is_url && !wanted.preset && !url && !echo) return unknown_name(*name);
  if (wanted.preset && wanted.preset->base_url.empty() && !url && wanted.preset->auth != Auth::none)
    return invalid(
        std::string(wanted.preset->name) + " has a base URL per account",
        "give yours, such as --base-url " + std::string(wanted.preset->base_url_example));
  if (name_is_url || url) {
    auto used = use_url(context, wanted, name_is_url ? *name : *url, name_is_url);
    if (!used) return used.error();
  }

  if (wanted.preset) {
    wanted.fields.preset = std::string(wanted.preset->id);
    wanted.base_name = wanted.preset->id;
  } else {
    if (name && !name_is_url && !wanted.fields.name) wanted.fields.name = *name;
    wanted.base_name = name && !name_is_url ? *name
                       : wanted.fields.name ? *wanted.fields.name
                       : echo               ? "echo"
                                            : name_from_host(*wanted.fields.base_url);
    if (!wanted.fields.protocol) {
      wanted.fields.protocol = "chat";
      context.out.say("protocol: chat, as nothing said otherwise (--protocol changes it)");
    }
  }
  return wanted;
}

Result<std::optional<config::Key>> wanted_key(Context& context, const Wanted& wanted) {
  KeyWish wish{.owner = wanted.fields.name.value_or(wanted.base_name)};
  if (wanted.preset) {
    if (!wanted.fields.name) wish.owner = wanted.preset->name;
    wish.customary_env = wanted.preset->key_env;
    wish.page = wanted.preset->key_page;
    wish.needed = wanted.preset->auth != Auth::none && !wanted.preset->key_env.empty();
  }
  if (wanted.fields.protocol.value_or("") == "echo") wish.needed = false;
  if (is_loopback(wanted.fields.base_url.value_or(""))) wish.needed = false;
  auto ref = read_key(context, wish);
  if (!ref) return ref.error();
  if (!*ref) return std::optional<config::Key>{};
  return std::optional<config::Key>{config::Key{.id = "main", .secret = std::move(**ref)}};
}

std::string test_json(const KeyTest& test) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  writer.member("ok", test.reached && test.error.empty()).member("reached", test.reached);
  writer.key("error");
  test.error.empty() ? writer.null() : writer.string(test.error);
  writer.member("models", test.models.size()).member("model", test.model);
  writer.member("total_ms", test.total_ms).end_object();
  return text;
}

void report_test(EditReport& report, const KeyTest& test, const std::string& id) {
  if (!test.models.empty()) report.lines.push_back("found " + counted(test.models.size(), "model"));
  if (test.reached && test.error.empty() && !test.model.empty())
    report.lines.push_back("tested: " + test.model + " answered in " +
                           std::to_string(test.total_ms) + " ms");
  if (!test.reached)
    report.warnings.push_back("not tested: " + test.error + "; later: tpool provider test " + id);
}

}  // namespace

Result<> provider_add(Context& context) {
  auto wanted = read_wanted(context);
  if (!wanted) return wanted.error();
  auto key = wanted_key(context, *wanted);
  if (!key) return key.error();

  const auto chosen = context.args.value("--id");
  std::string id;
  const auto updated = store_edit(context, [&](config::Config& config) {
    id = chosen ? *chosen : config::derive_provider_id(config, wanted->base_name);
    return config::add_provider(config, id, wanted->fields, *key);
  });
  if (!updated) return updated.error();

  EditReport report;
  report.add_text("id", id);
  KeyTest test;
  const bool testing = !context.dry_run() && !context.args.has("--no-test");
  if (testing) {
    test = test_key(context, updated->after, id);
    report.members.emplace_back("test", test_json(test));
    report_test(report, test, id);
    if (test.reached && !test.error.empty()) report.next = "tpool provider test " + id;
  }
  if (auto done = finish_edit(context, *updated, report); !done) return done;
  if (!testing || !test.reached || test.error.empty()) return {};
  return Error{test.unauthorized ? Code::unauthorized : Code::unavailable,
               "provider " + id + " is stored, but its test failed: " + test.error,
               test.unauthorized
                   ? "give it a new key: tpool key remove " + id + " main --yes && tpool key add " +
                         id + "; then: tpool provider test " + id
                   : "look at it with 'tpool provider show " + id +
                         "', change it with 'tpool provider edit " + id +
                         "', then: tpool provider test " + id};
}

}  // namespace tpool::cli
