#include "proxy/exchange/relay_edits.hpp"

#include <algorithm>
#include <array>

#include "core/json/find.hpp"
#include "core/json/pick.hpp"
#include "core/json/signatures.hpp"
#include "core/json/value.hpp"
#include "core/json/write.hpp"
#include "core/protocol/seal.hpp"

namespace tpool::exchange {
namespace {

constexpr std::string_view redacted = "\"redacted_thinking\"";

// Never passed on: what belongs to this hop, to the client's own account here, or to browsers.
constexpr std::array kept_here = {
    std::string_view{"accept"},           std::string_view{"accept-encoding"},
    std::string_view{"authorization"},    std::string_view{"connection"},
    std::string_view{"content-encoding"}, std::string_view{"content-length"},
    std::string_view{"content-type"},     std::string_view{"cookie"},
    std::string_view{"cookie2"},          std::string_view{"expect"},
    std::string_view{"forwarded"},        std::string_view{"host"},
    std::string_view{"keep-alive"},       std::string_view{"origin"},
    std::string_view{"referer"},          std::string_view{"te"},
    std::string_view{"trailer"},          std::string_view{"transfer-encoding"},
    std::string_view{"upgrade"},          std::string_view{"via"},
    std::string_view{"x-api-key"},        std::string_view{"x-goog-api-key"},
    std::string_view{"x-real-ip"},        std::string_view{"api-key"},
};

bool stays_here(std::string_view name, std::string_view connection) {
  for (const auto kept : kept_here)
    if (net::same_name(kept, name)) return true;
  const auto starts = [&](std::string_view prefix) {
    return name.size() >= prefix.size() && net::same_name(name.substr(0, prefix.size()), prefix);
  };
  if (starts("proxy-") || starts("x-forwarded-") || starts("x-tpool-") || starts("sec-"))
    return true;
  // Connection names further fields of this hop (RFC 9110, section 7.6.1).
  while (!connection.empty()) {
    const auto comma = std::min(connection.find(','), connection.size());
    auto token = connection.substr(0, comma);
    connection.remove_prefix(std::min(comma + 1, connection.size()));
    while (token.starts_with(' ')) token.remove_prefix(1);
    while (token.ends_with(' ')) token.remove_suffix(1);
    if (net::same_name(token, name)) return true;
  }
  return false;
}

// The client means "no effort" in the picker's sense: say nothing, unless the model has that word.
void drop_effort_none(const Exchange& exchange, const route::Step& step, json::Splice& splice) {
  if (exchange.scan.effort != "none") return;
  const auto& facts = *step.facts;
  if (std::ranges::find(facts.efforts, "none") != facts.efforts.end()) return;
  const auto body = exchange.inbound.body;
  for (const auto& member : exchange.scan.members) {
    if (member.name == "reasoning_effort") splice.remove_member(body, member.whole);
    if (member.name != "reasoning") continue;
    const auto parsed = json::Document::parse(
        body.substr(member.value.begin, member.value.end - member.value.begin));
    if (!parsed || !parsed->root().is_object()) continue;
    std::string text;
    json::Writer out(text);
    out.begin_object();
    for (std::size_t i = 0; i < parsed->root().size(); ++i)
      if (parsed->root().name_at(i) != "effort")
        out.key(parsed->root().name_at(i)).raw(parsed->root().member_at(i).text());
    out.end_object();
    splice.replace(member.value, std::move(text));
  }
}

// Members that mean the same everywhere but are not called so by this provider.
void speak_dialect(const Exchange& exchange, const protocol::Dialect& dialect,
                   json::Splice& splice) {
  const auto& scan = exchange.scan;
  if (!dialect.developer_role)
    for (const auto& role : scan.developers) splice.replace(role, "\"system\"");
  constexpr std::array limits = {std::string_view("max_tokens"),
                                 std::string_view("max_completion_tokens")};
  const auto said = [&](std::string_view name) {
    return std::ranges::count(scan.members, name, &json::Member::name);
  };
  const bool once = said(limits[0]) + said(limits[1]) == 1;
  for (const auto& member : scan.members) {
    if (member.name == "stream_options" && !dialect.stream_options)
      splice.remove_member(exchange.inbound.body, member.whole);
    const bool limit = std::ranges::find(limits, member.name) != limits.end();
    if (!limit || !once || member.name == dialect.max_tokens_field) continue;
    if (std::ranges::find(limits, dialect.max_tokens_field) == limits.end()) continue;
    const json::Range name{member.whole.begin, member.whole.begin + member.name.size() + 2};
    // A name in escapes is longer than it says, and nobody writes it so.
    const auto body = exchange.inbound.body;
    if (body.substr(name.begin + 1, member.name.size()) == member.name)
      splice.replace(name, '"' + dialect.max_tokens_field + '"');
  }
}

bool has(std::string_view text, std::string_view word) {
  return json::find(text, word) != std::string_view::npos;
}

// Manual thinking may only go on from a round that began with thinking.
void drop_manual_thinking(Exchange& exchange, json::Splice& splice) {
  const auto body = exchange.inbound.body;
  for (const auto& member : exchange.scan.members) {
    if (member.name != "thinking") continue;
    if (!has(body.substr(member.value.begin, member.value.end - member.value.begin), "\"enabled\""))
      continue;
    splice.remove_member(body, member.whole);
    ir::add_loss(exchange.record.losses, "thinking", ir::Loss::Action::dropped);
  }
}

// Thinking other makers signed, out; our label off the others.
void settle_signatures(Exchange& exchange, const route::Step& step, json::Splice& splice) {
  const auto body = exchange.inbound.body;
  if (!has(body, "\"tp1.") && !has(body, "\"tp2.")) return;
  const auto prefix = protocol::seal_prefix(step.candidate.provider->id, step.candidate.upstream);
  const auto all = json::request_signatures(body);
  std::size_t list = 0;
  std::size_t dropped = 0;
  for (const auto& one : all) {
    const auto quoted = body.substr(one.value.begin, one.value.end - one.value.begin);
    if (!quoted.starts_with("\"tp1.") && !quoted.starts_with("\"tp2.")) continue;
    std::string own(quoted);
    if (quoted.substr(1).starts_with(prefix)) {
      // Each piece of a signature that came in pieces has its label.
      for (auto at = own.find(prefix); at != std::string::npos; at = own.find(prefix, at))
        own.erase(at, prefix.size());
      splice.replace(one.value, std::move(own));
      continue;
    }
    dropped = one.list == list ? dropped + 1 : 1;
    list = one.list;
    // A message must say something.
    if (dropped == one.siblings)
      splice.replace(one.block, R"json({"type":"text","text":"(thinking)"})json");
    else
      splice.remove_member(body, one.block);
    ir::add_loss(exchange.record.losses, "thinking.signature", ir::Loss::Action::dropped);
  }
  if (list != 0) drop_manual_thinking(exchange, splice);
}

// Reasoning other makers sealed, out; our label off the others.
void settle_sealed(Exchange& exchange, const route::Step& step, json::Splice& splice) {
  const auto body = exchange.inbound.body;
  std::size_t nameless = 0;  // where the id taken out last begins
  for (const auto& sealed : exchange.scan.sealed) {
    const auto quoted = body.substr(sealed.value.begin, sealed.value.end - sealed.value.begin);
    // The label and the base64 after it need no escapes: the raw text is the value.
    auto opaque = protocol::unseal(quoted.substr(1, quoted.size() - 2), "encrypted_content");
    if (opaque.provider.empty()) continue;
    const bool made_here = opaque.provider == step.candidate.provider->id &&
                           (sealed.compaction || opaque.model == step.candidate.upstream);
    if (made_here && !opaque.data.empty()) {
      splice.replace(sealed.value, '"' + std::move(opaque.data) + '"');
      continue;
    }
    splice.remove_member(body, sealed.whole);
    // An id without its content is looked up in a store where it is not.
    if (!sealed.compaction && sealed.id.end > 0 && sealed.id.begin != nameless) {
      nameless = sealed.id.begin;
      splice.remove_member(body, sealed.id);
    }
    if (!opaque.data.empty())
      ir::add_loss(exchange.record.losses, "reasoning.encrypted_content", ir::Loss::Action::dropped,
                   "made by " + opaque.provider);
  }
}

// Nobody could fetch the answer of a request that runs in the background.
void stay_in_foreground(Exchange& exchange, json::Splice& splice) {
  const std::string_view body = exchange.inbound.body;
  for (const auto& member : exchange.scan.members) {
    if (member.name != "background") continue;
    if (body.substr(member.value.begin, member.value.end - member.value.begin) != "true") continue;
    splice.replace(member.value, "false");
    ir::add_loss(exchange.record.losses, "background", ir::Loss::Action::dropped);
  }
}

}  // namespace

void relay_edits(Exchange& exchange, const route::Step& step, json::Splice& splice) {
  std::string model;
  json::append_quoted(model, step.candidate.upstream);
  for (const auto& member : exchange.scan.members)
    if (member.name == "model") splice.replace(member.value, model);
  drop_effort_none(exchange, step, splice);
  if (exchange.envelope.protocol == Protocol::responses) stay_in_foreground(exchange, splice);
  if (exchange.envelope.protocol == Protocol::chat)
    speak_dialect(exchange, step.candidate.provider->dialect_for(step.candidate.upstream), splice);
  if (exchange.envelope.protocol == Protocol::messages) settle_signatures(exchange, step, splice);
  settle_sealed(exchange, step, splice);
}

std::string relayed_fields(const net::Head& head,
                           const std::map<std::string, std::string>& provider_own) {
  std::string lines;
  const auto connection = head.get("connection");
  const auto set_by_provider = [&](std::string_view name) {
    return std::ranges::any_of(provider_own,
                               [&](const auto& own) { return net::same_name(own.first, name); });
  };
  for (const auto& field : head.fields)
    if (!stays_here(field.name, connection) && !set_by_provider(field.name) &&
        !field.value.starts_with("responses_websockets"))
      lines.append(field.name).append(": ").append(field.value).append("\r\n");
  return lines;
}

void OpaqueLabel::seal_whole(std::string& body) const {
  if (protocol_ != Protocol::messages) return seal(body, 0);
  if (!has(body, "\"signature\"") && !has(body, redacted)) return;
  const auto prefix = protocol::seal_prefix(provider_, model_);
  const auto found = json::answer_signatures(body);
  for (auto one = found.rbegin(); one != found.rend(); ++one)
    if (one->value.end - one->value.begin > 2) body.insert(one->value.begin + 1, prefix);
}

void OpaqueLabel::seal(std::string& wire, std::size_t begin) const {
  if (protocol_ != Protocol::messages) return label(wire, begin, "\"encrypted_content\"");
  const auto told = [&](std::string_view word) {
    return has(std::string_view(wire).substr(begin), word);
  };
  // Of events that carry a signature nothing else is called so.
  if (told("\"signature_delta\"")) label(wire, begin, "\"signature\"");
  if (!told(redacted)) return;
  // Other blocks have a member `data` as well: only that of a line with this type is meant.
  const std::string lines = wire.substr(begin);
  wire.resize(begin);
  for (std::size_t at = 0; at < lines.size();) {
    const auto end = std::min(lines.find('\n', at), lines.size() - 1) + 1;
    const auto line = std::string_view(lines).substr(at, end - at);
    const auto from = wire.size();
    wire.append(line);
    if (has(line, redacted)) label(wire, from, "\"data\"");
    at = end;
  }
}

// Puts the label into every string that is the value of a member of that name, from `begin` on.
void OpaqueLabel::label(std::string& wire, std::size_t begin, std::string_view name) const {
  // Inside a JSON string the quotes would be escaped, so this only ever matches a member's name.
  std::string prefix;
  for (auto at = json::find(wire, name, begin); at != std::string::npos;
       at = json::find(wire, name, at)) {
    at += name.size();
    auto value = wire.find_first_not_of(" \t", at);
    if (value == std::string::npos || wire[value] != ':') continue;
    value = wire.find_first_not_of(" \t", value + 1);
    if (value == std::string::npos || wire[value] != '"') continue;
    if (value + 1 < wire.size() && wire[value + 1] == '"') continue;
    if (prefix.empty()) prefix = protocol::seal_prefix(provider_, model_);
    wire.insert(value + 1, prefix);
    at = value + 1 + prefix.size();
  }
}

void AskedModel::put(std::string& wire, std::size_t begin) {
  if (!wanted_) return;
  const auto type = json::find(wire, "\"message_start\"", begin);
  if (type == std::string::npos) return;
  wanted_ = false;
  // Its line is its data; inside a string the quotes of a name would be escaped.
  const auto line = wire.rfind('\n', type) + 1;
  constexpr std::string_view name = "\"model\"";
  auto at = json::find(wire, name, std::max(begin, line));
  if (at == std::string::npos || at > wire.find('\n', type)) return;
  at = wire.find_first_not_of(" \t", at + name.size());
  if (at == std::string::npos || wire[at] != ':') return;
  at = wire.find_first_not_of(" \t", at + 1);
  if (at == std::string::npos || wire[at] != '"') return;
  auto end = at + 1;
  while (end < wire.size() && wire[end] != '"') end += wire[end] == '\\' ? 2 : 1;
  if (end >= wire.size()) return;
  std::string quoted;
  json::append_quoted(quoted, asked_);
  wire.replace(at, end + 1 - at, quoted);
}

void AskedModel::put_whole(std::string& body) const {
  if (!wanted_) return;
  constexpr std::array names = {std::string_view("model")};
  std::array<std::string_view, 1> values;
  if (!json::pick(body, names, values) || !values[0].starts_with('"')) return;
  std::string quoted;
  json::append_quoted(quoted, asked_);
  body.replace(static_cast<std::size_t>(values[0].data() - body.data()), values[0].size(), quoted);
}

}  // namespace tpool::exchange
