#include "core/protocol/fields.hpp"

namespace tpool::protocol {

namespace {

bool listed(std::string_view names, std::string_view name) {
  if (name.find(' ') != std::string_view::npos) return false;
  for (std::size_t at = names.find(name); at != std::string_view::npos;
       at = names.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || names[at - 1] == ' ') && (end == names.size() || names[end] == ' ')) {
      return true;
    }
  }
  return false;
}

// Labels, accounts, stores, caches and ways of delivery: the model never sees them.
constexpr std::string_view bookkeeping =
    "cache_control include client_metadata metadata user safety_identifier service_tier "
    "prompt_cache_retention "
    "stream_options background truncation";

bool is_lost(const ir::Extra& extra, Protocol own) {
  return !extra.inside.empty() || (extra.protocol != own && !listed(bookkeeping, extra.name));
}

// What another server keeps and the request goes on from.
constexpr std::string_view kept_elsewhere = "conversation prompt";

// Members of parts whose text says the same in words.
constexpr std::string_view said_in_text = "tool_reference";

}  // namespace

Result<json::Document> parse_body(std::string_view body) {
  auto document = json::Document::parse(body, "request body");
  if (document && !document->root().is_object())
    return invalid("the request body must be a JSON object");
  return document;
}

std::string Path::text() const {
  std::string out;
  if (parent != nullptr) {
    out = parent->text();
    if (!out.empty() && !name.empty()) out += '.';
  }
  out += name;
  if (index != none) out += '[' + std::to_string(index) + ']';
  return out;
}

Error wrong_type(const Path& path, std::string_view expected) {
  return invalid(path.text() + " must be " + std::string(expected));
}

void Fields::fail(std::string_view name, std::string_view expected) {
  if (error_) return;
  error_ = wrong_type(Path{&path_, name}, expected);
}

Fields& Fields::string(std::string_view name, std::string& out) {
  const json::Value value = object_[name];
  if (!value) return *this;
  if (const auto text = value.string()) {
    out = *text;
  } else {
    fail(name, "a string");
  }
  return *this;
}

Fields& Fields::boolean(std::string_view name, std::optional<bool>& out) {
  const json::Value value = object_[name];
  if (!value) return *this;
  out = value.boolean();
  if (!out) fail(name, "true or false");
  return *this;
}

Fields& Fields::integer(std::string_view name, std::optional<std::int64_t>& out) {
  const json::Value value = object_[name];
  if (!value) return *this;
  out = value.integer();
  if (!out) fail(name, "an integer");
  return *this;
}

Fields& Fields::number(std::string_view name, std::optional<double>& out) {
  const json::Value value = object_[name];
  if (!value) return *this;
  out = value.number();
  if (!out) fail(name, "a number");
  return *this;
}

Fields& Fields::strings(std::string_view name, std::vector<std::string>& out) {
  const json::Value list = object_[name];
  if (list && !list.is_array()) fail(name, "an array of strings");
  for (std::size_t i = 0; list.is_array() && i < list.size() && !error_; ++i) {
    if (const auto text = list.at(i).string()) {
      out.emplace_back(*text);
    } else {
      error_ = wrong_type(Path{&path_, name, i}, "a string");
    }
  }
  return *this;
}

Fields& Fields::json(std::string_view name, std::string& out) {
  if (const json::Value value = object_[name]) out = value.text();
  return *this;
}

Fields& Fields::required_string(std::string_view name, std::string& out) {
  if (!object_[name].is_string()) {
    fail(name, "a string");
  } else {
    string(name, out);
  }
  return *this;
}

const ir::Extra* unknown_part(const ir::Part& part) {
  for (const ir::Extra& extra : part.extras) {
    if (extra.name.empty()) return &extra;
  }
  return nullptr;
}

void refuse_part(std::vector<ir::Loss>& losses, const ir::Extra& whole) {
  const auto parsed = json::Document::parse(whole.json, "content");
  const json::Value part = parsed ? parsed->root() : json::Value();
  if (part["file_id"] || part["source"]["file_id"]) {
    ir::add_loss(losses, "files.id", ir::Loss::Action::refused);
  } else {
    lose_named(losses, "content.", part["type"].string_or(""), ir::Loss::Action::refused);
  }
}

void keep_extras(json::Value object, std::string_view known, Protocol protocol, ir::Extras& extras,
                 std::string_view inside) {
  const std::size_t count = object.size();
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view name = object.name_at(i);
    if (listed(known, name)) continue;
    const json::Value value = object.member_at(i);
    if (!value) continue;
    extras.push_back({protocol, std::string(name), value.text(), std::string(inside)});
  }
}

void write_extras(json::Writer& writer, const ir::Extras& extras, Protocol protocol) {
  for (const ir::Extra& extra : extras) {
    if (extra.protocol == protocol && !extra.name.empty() && extra.inside.empty())
      writer.key(extra.name).raw(extra.json);
  }
}

void lose_named(std::vector<ir::Loss>& losses, std::string_view prefix, std::string_view name,
                ir::Loss::Action action, std::string where) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  const bool told = !name.empty() && name.size() <= 48 &&
                    name.find_first_not_of(plain) == std::string_view::npos && losses.size() < 48;
  std::string field(prefix);
  field += told ? name : "other";
  ir::add_loss(losses, std::move(field), action, std::move(where));
}

void count_foreign_extras(const ir::Extras& extras, Protocol own, std::vector<ir::Loss>& losses) {
  for (const ir::Extra& extra : extras) {
    if (!is_lost(extra, own)) continue;
    const bool vital = extra.inside.empty() && listed(kept_elsewhere, extra.name);
    lose_named(losses, extra.inside.empty() ? "" : extra.inside + ".", extra.name,
               vital ? ir::Loss::Action::refused : ir::Loss::Action::dropped);
  }
}

void count_tool_losses(const ir::Tool& tool, Protocol own, bool strict,
                       std::vector<ir::Loss>& losses) {
  for (const ir::Extra& extra : tool.extras) {
    if (is_lost(extra, own)) lose_named(losses, "tools.", extra.name, ir::Loss::Action::dropped);
  }
  if (tool.strict.value_or(false) && !strict)
    ir::add_loss(losses, "tools.strict", ir::Loss::Action::dropped);
}

void count_space_losses(const std::vector<ir::Tool>& tools, std::vector<ir::Loss>& losses) {
  const ir::Tool* last = nullptr;
  for (const ir::Tool& tool : tools) {
    const bool begins = !last || last->space != tool.space;
    last = &tool;
    if (begins && !tool.space_description.empty())
      ir::add_loss(losses, "tools.namespace.description", ir::Loss::Action::dropped);
  }
}

void count_part_losses(const std::vector<ir::Item>& items, Protocol own,
                       std::vector<ir::Loss>& losses) {
  const auto count = [&](const std::vector<ir::Part>& parts) {
    for (const ir::Part& part : parts) {
      for (const ir::Extra& extra : part.extras) {
        if (extra.name.empty() || !is_lost(extra, own)) continue;
        lose_named(losses, "content.", extra.name,
                   listed(said_in_text, extra.name) ? ir::Loss::Action::approximated
                                                    : ir::Loss::Action::dropped);
      }
    }
  };
  for (const ir::Item& item : items) {
    if (const auto* message = std::get_if<ir::Message>(&item.value)) count(message->parts);
    if (const auto* result = std::get_if<ir::ToolResult>(&item.value)) count(result->parts);
  }
}

}  // namespace tpool::protocol
