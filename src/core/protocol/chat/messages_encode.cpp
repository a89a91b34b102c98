#include <algorithm>
#include <unordered_set>

#include "core/protocol/chat/parts.hpp"
#include "core/protocol/chat/request.hpp"
#include "core/protocol/rounds.hpp"
#include "core/protocol/said_in_words.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::chat {

namespace {

constexpr Protocol own = Protocol::chat;
using Action = ir::Loss::Action;

// What OpenAI's own endpoint takes.
constexpr std::size_t max_id = 40;

class Messages {
 public:
  Messages(json::Writer& writer, const ir::Request& request, const Target& target, Encoded& encoded)
      : writer_(writer),
        request_(request),
        target_(target),
        encoded_(encoded),
        parts_{writer, target.dialect, encoded.losses, target.files} {
    match_ = match_results(request.items);
    for (std::size_t i = 0; i < request.items.size(); ++i) {
      const auto* message = std::get_if<ir::Message>(&request.items[i].value);
      if (message != nullptr && message->role == ir::Role::user) last_user_ = i;
    }
  }

  void write(const std::string& note) {
    bool leading = true;
    for (std::size_t i = 0; i < request_.items.size(); ++i) {
      const ir::Item& item = request_.items[i];
      const auto* message = std::get_if<ir::Message>(&item.value);
      const bool system = message != nullptr && (message->role == ir::Role::system ||
                                                 message->role == ir::Role::developer);
      if (leading && !system) {
        flush_system(note);
        leading = false;
      }
      if (leading) {
        add_system(*message);
      } else {
        write_item(item, i);
      }
    }
    if (leading) flush_system(note);
    flush_reply();
  }

 private:
  std::string_view role_of(ir::Role role) const {
    switch (role) {
      case ir::Role::system: return "system";
      case ir::Role::developer: return target_.dialect.developer_role ? "developer" : "system";
      case ir::Role::assistant: return "assistant";
      case ir::Role::user: break;
    }
    return "user";
  }

  // Leading system messages of one role are one message: many templates take no second.
  void add_system(const ir::Message& message) {
    const std::string_view role = role_of(message.role);
    if (!system_.empty() && role != system_role_) flush_system({});
    system_role_ = role;
    const std::string text = parts_.text_of(message.parts, "\n\n");
    if (!system_.empty() && !text.empty()) system_ += "\n\n";
    system_ += text;
  }

  void flush_system(const std::string& note) {
    if (!note.empty()) {
      if (!system_.empty()) system_ += "\n\n";
      system_ += note;
    }
    if (system_.empty()) return;
    if (system_role_.empty()) system_role_ = "system";
    writer_.begin_object().member("role", system_role_).member("content", system_).end_object();
    system_.clear();
  }

  void write_item(const ir::Item& item, std::size_t at) {
    if (const auto* message = std::get_if<ir::Message>(&item.value)) {
      count_foreign_extras(item.extras, own, encoded_.losses);
      if (message->role == ir::Role::assistant) {
        add_text(*message);
      } else if (!message->parts.empty()) {
        flush_reply();
        if (message->role != ir::Role::user && target_.dialect.system_placement == "leading") {
          parts_.lose("system", Action::approximated, at);
          write_message({ir::Role::user, message->parts}, item.extras);
          return;
        }
        write_message(*message, item.extras);
      }
    } else if (const auto* reasoning = std::get_if<ir::Reasoning>(&item.value)) {
      add_reasoning(*reasoning, at);
    } else if (std::holds_alternative<ir::ToolCall>(item.value)) {
      open_ = true;
      calls_.push_back(at);
    } else if (const auto* result = std::get_if<ir::ToolResult>(&item.value)) {
      flush_reply();
      if (match_[at] == no_match) write_orphan(*result, at);
    } else if (const auto* unknown = std::get_if<ir::Unknown>(&item.value)) {
      lose_named(encoded_.losses, "items.", unknown->type,
                 unknown->vital ? Action::refused : Action::dropped, "item " + std::to_string(at));
    }
  }

  // --- the assistant's reply being gathered

  void add_text(const ir::Message& message) {
    // Two messages of one reply keep a line between them.
    if (!text_.empty()) text_ += "\n\n";
    text_ += parts_.text_of(message.parts, "");
    open_ = true;
  }

  void add_reasoning(const ir::Reasoning& reasoning, std::size_t at) {
    const std::string& policy = target_.dialect.replay_reasoning;
    if (policy == "never") return;
    // Older turns' reasoning is not wanted back, so leaving it out loses nothing.
    if (policy != "always" && last_user_ != no_match && at < last_user_) return;
    const auto& opaque = reasoning.opaque;
    const bool ours = opaque && (opaque->provider.empty() || opaque->provider == target_.provider);
    if (ours && opaque->data.starts_with('{')) {
      reasoning_.push_back(&*opaque);
    } else {
      parts_.lose("reasoning", Action::dropped, at);
    }
  }

  void flush_reply() {
    if (!open_) {
      reasoning_.clear();
      return;
    }
    writer_.begin_object().member("role", "assistant");
    if (text_.empty() && !calls_.empty()) {
      writer_.key("content").null();
    } else {
      writer_.member("content", text_);
    }
    if (target_.dialect.replay_reasoning == "always" || !calls_.empty()) write_reasoning();
    if (!calls_.empty()) {
      writer_.key("tool_calls").begin_array();
      for (const std::size_t at : calls_) write_call(at);
      writer_.end_array();
    }
    writer_.end_object();
    write_results();
    text_.clear();
    calls_.clear();
    ids_.clear();
    taken_.clear();
    reasoning_.clear();
    open_ = false;
  }

  void write_reasoning() {
    std::string text;
    std::string details;
    for (const ir::Opaque* opaque : reasoning_) {
      const auto parsed = json::Document::parse(opaque->data, "sealed reasoning");
      if (!parsed) continue;
      const json::Value list = parsed->root()["reasoning_details"];
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (!details.empty()) details += ',';
        details += list.at(i).text();
      }
      text += parsed->root()["text"].string_or("");
    }
    if (!details.empty()) writer_.key("reasoning_details").raw("[" + details + "]");
    if (!text.empty() && !target_.dialect.reasoning_field.empty()) {
      writer_.member(target_.dialect.reasoning_field, text);
    }
  }

  void write_call(std::size_t at) {
    const auto& call = std::get<ir::ToolCall>(request_.items[at].value);
    const Dialect& dialect = target_.dialect;
    const std::size_t most = dialect.tool_id_max == 0 ? max_id : dialect.tool_id_max;
    ids_.push_back(wire_id(call.call_id, taken_, dialect.tool_id_length, most));
    taken_.insert(ids_.back());
    writer_.begin_object().member("id", ids_.back()).member("type", "function");
    writer_.key("function").begin_object();
    writer_.member("name", encoded_.names.wire(call.space, call.name));
    if (call.kind == ir::ToolKind::custom) {
      writer_.member("arguments", wrap_input(call.input));
    } else {
      // What the model wrote goes back as it was, even when it is not JSON.
      writer_.member("arguments", call.input.empty() ? "{}" : std::string_view(call.input));
    }
    writer_.end_object().end_object();
  }

  void write_results() {
    Later later;
    for (std::size_t n = 0; n < calls_.size(); ++n) {
      const std::size_t at = match_[calls_[n]];
      writer_.begin_object().member("role", "tool").member("tool_call_id", ids_[n]);
      if (at == no_match) {
        parts_.lose("items.tool_result", Action::approximated, calls_[n]);
        writer_.member("content", no_result).end_object();
        continue;
      }
      parts_.write_output(std::get<ir::ToolResult>(request_.items[at].value), later);
      writer_.end_object();
    }
    if (later.images.empty() && later.files.empty()) return;
    writer_.begin_object().member("role", "user").key("content").begin_array();
    if (!later.images.empty()) {
      parts_.lose("images", Action::approximated);
      parts_.write_text_part("Images returned by the tools above:");
      for (const ir::Image* image : later.images) parts_.write_image(*image);
    }
    if (!later.files.empty()) {
      parts_.lose("files", Action::approximated);
      parts_.write_text_part("Documents returned by the tools above:");
      for (const ir::File* file : later.files) parts_.write_file(*file);
    }
    writer_.end_array().end_object();
  }

  void write_orphan(const ir::ToolResult& result, std::size_t at) {
    parts_.lose("items.tool_result", Action::approximated, at);
    writer_.begin_object().member("role", "user");
    writer_.member("content", orphan_heading(result) + "\n" + parts_.text_of(result.parts, "\n"));
    writer_.end_object();
  }

  // --- user and system messages

  void write_message(const ir::Message& message, const ir::Extras& extras) {
    // Strings are what every provider takes; a list only where something is not text.
    const auto says_text = [&](const ir::Part& part) {
      return unknown_part(part) == nullptr &&
             (std::holds_alternative<ir::Text>(part.value) ||
              (std::holds_alternative<ir::Image>(part.value) && !target_.dialect.images) ||
              (std::holds_alternative<ir::File>(part.value) && !target_.files.value_or(true)));
    };
    const bool plain = message.role != ir::Role::user ||
                       std::all_of(message.parts.begin(), message.parts.end(), says_text);
    writer_.begin_object().member("role", role_of(message.role));
    if (plain) {
      writer_.member("content", parts_.text_of(message.parts, "\n\n"));
    } else {
      writer_.key("content").begin_array();
      for (const ir::Part& part : message.parts) parts_.write_part(part);
      writer_.end_array();
    }
    write_extras(writer_, extras, own);
    writer_.end_object();
  }

  json::Writer& writer_;
  const ir::Request& request_;
  const Target& target_;
  Encoded& encoded_;
  PartWriter parts_;
  std::vector<std::size_t> match_;
  std::size_t last_user_ = no_match;
  std::string system_;
  std::string_view system_role_;
  // The reply:
  bool open_ = false;
  std::string text_;
  std::vector<const ir::Opaque*> reasoning_;
  std::vector<std::size_t> calls_;
  std::vector<std::string> ids_;  // on the wire, as calls_
  std::unordered_set<std::string> taken_;
};

}  // namespace

void write_messages(json::Writer& writer, const ir::Request& request, const Target& target,
                    const std::string& note, Encoded& encoded) {
  writer.key("messages").begin_array();
  Messages(writer, request, target, encoded).write(note);
  writer.end_array();
}

}  // namespace tpool::protocol::chat
