#include "core/protocol/chat/reasoning.hpp"

#include "core/json/write.hpp"
#include "core/protocol/chat/request.hpp"

namespace tpool::protocol::chat {

std::string ReasoningLog::take(json::Value delta, const Dialect& dialect) {
  std::string text;
  const std::string details = take_details(delta["reasoning_details"]);
  const std::string_view named = dialect.reasoning_field;
  if (!named.empty()) text = delta[named].string_or("");
  for (const char* name : {"reasoning_content", "reasoning"}) {
    if (text.empty() && named != name) text = delta[name].string_or("");
  }
  if (text.empty()) text = details;
  // Details are replayed as such; only what they do not hold is kept as text.
  if (details.empty()) text_ += text;
  return text;
}

std::string ReasoningLog::take_details(json::Value list) {
  std::string shown;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const json::Value value = list.at(i);
    if (!value.is_object()) continue;
    Detail detail;
    detail.type = value["type"].string_or("");
    detail.index = value["index"] ? value["index"].text() : "";
    detail.text = value["text"].string_or("");
    detail.summary = value["summary"].string_or("");
    detail.data = value["data"].string_or("");
    detail.signature = value["signature"].string_or("");
    for (std::size_t m = 0; m < value.size(); ++m) {
      const std::string_view name = value.name_at(m);
      const bool known = name == "type" || name == "index" || name == "text" || name == "summary" ||
                         name == "data" || name == "signature";
      if (known || !value.member_at(m)) continue;
      if (!detail.rest.empty()) detail.rest += ',';
      json::append_quoted(detail.rest, name);
      detail.rest += ':' + value.member_at(m).text();
    }
    shown += detail.text + detail.summary;
    if (!details_.empty() && details_.back().type == detail.type &&
        details_.back().index == detail.index && !detail.type.empty()) {
      Detail& last = details_.back();
      last.text += detail.text;
      last.summary += detail.summary;
      last.data += detail.data;
      last.signature += detail.signature;
      if (!detail.rest.empty()) last.rest = detail.rest;
    } else {
      details_.push_back(std::move(detail));
    }
  }
  return shown;
}

ir::Opaque ReasoningLog::seal(const std::string& provider, const std::string& model) {
  ir::Opaque opaque{provider, model, std::string(sealed_kind), {}};
  json::Writer writer(opaque.data);
  writer.begin_object();
  if (!text_.empty()) writer.member("text", text_);
  if (!details_.empty()) {
    writer.key("reasoning_details").begin_array();
    for (const Detail& detail : details_) {
      std::string members = detail.rest;
      const auto add = [&](std::string_view name, const std::string& value) {
        if (value.empty()) return;
        if (!members.empty()) members += ',';
        json::append_quoted(members, name);
        members += ':';
        json::append_quoted(members, value);
      };
      add("type", detail.type);
      add("text", detail.text);
      add("summary", detail.summary);
      add("data", detail.data);
      add("signature", detail.signature);
      if (!detail.index.empty()) {
        members += (members.empty() ? "\"index\":" : ",\"index\":") + detail.index;
      }
      writer.raw("{" + members + "}");
    }
    writer.end_array();
  }
  writer.end_object();
  text_.clear();
  details_.clear();
  return opaque;
}

}  // namespace tpool::protocol::chat
