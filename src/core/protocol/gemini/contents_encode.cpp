#include <unordered_set>

#include "core/json/value.hpp"
#include "core/protocol/fields.hpp"
#include "core/protocol/gemini/parts.hpp"
#include "core/protocol/gemini/request.hpp"
#include "core/protocol/gemini/signatures.hpp"
#include "core/protocol/rounds.hpp"
#include "core/protocol/said_in_words.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::gemini {

namespace {

using Action = ir::Loss::Action;
using Place = Signature::Place;

constexpr std::string_view no_beginning = "[The beginning of this conversation was not kept.]";

bool is_system(const ir::Item& item) {
  const auto* message = std::get_if<ir::Message>(&item.value);
  return message != nullptr &&
         (message->role == ir::Role::system || message->role == ir::Role::developer);
}

class Contents {
 public:
  Contents(json::Writer& writer, const ir::Request& request, const Target& target, Encoded& encoded)
      : writer_(writer),
        request_(request),
        target_(target),
        encoded_(encoded),
        parts_{target.dialect, encoded.losses},
        match_(match_results(request.items)) {
    for (std::size_t i = 0; i < request.items.size(); ++i) {
      const auto* message = std::get_if<ir::Message>(&request.items[i].value);
      if (message != nullptr && message->role == ir::Role::user) last_user_ = i;
    }
  }

  void write(const std::string& note) {
    std::size_t at = 0;
    std::string system;
    for (; at < request_.items.size() && is_system(request_.items[at]); ++at) {
      const auto& message = std::get<ir::Message>(request_.items[at].value);
      count_foreign_extras(request_.items[at].extras, Protocol::gemini, encoded_.losses);
      add_line(system, parts_.words_of(message.parts, "\n\n"));
    }
    add_line(system, note);
    // Contents may not be empty: with nothing else, the system's words are what is asked.
    const bool only_system = at == request_.items.size();
    if (!system.empty() && !only_system) {
      writer_.key("systemInstruction").begin_object().key("parts").begin_array();
      writer_.raw(parts_.text(system)).end_array().end_object();
    }
    writer_.key("contents").begin_array();
    if (only_system) {
      parts_.lose("system", Action::approximated);
      user_.push_back(parts_.text(system.empty() ? no_beginning : std::string_view(system)));
    }
    for (; at < request_.items.size(); ++at) add_item(request_.items[at], at);
    flush_reply();
    flush_user();
    writer_.end_array();
  }

 private:
  static void add_line(std::string& text, const std::string& more) {
    if (!text.empty() && !more.empty()) text += "\n\n";
    text += more;
  }

  void add_item(const ir::Item& item, std::size_t at) {
    if (const auto* message = std::get_if<ir::Message>(&item.value)) {
      count_foreign_extras(item.extras, Protocol::gemini, encoded_.losses);
      add_message(*message, at);
    } else if (const auto* reasoning = std::get_if<ir::Reasoning>(&item.value)) {
      add_reasoning(*reasoning, at);
    } else if (const auto* call = std::get_if<ir::ToolCall>(&item.value)) {
      add_call(*call, at);
    } else if (const auto* result = std::get_if<ir::ToolResult>(&item.value)) {
      flush_reply();
      if (match_[at] == no_match) add_orphan(*result, at);
    } else if (const auto* unknown = std::get_if<ir::Unknown>(&item.value)) {
      lose_named(encoded_.losses, "items.", unknown->type,
                 unknown->vital ? Action::refused : Action::dropped, "item " + std::to_string(at));
    }
  }

  void add_message(const ir::Message& message, std::size_t at) {
    if (message.role == ir::Role::assistant) {
      const std::string words = parts_.words_of(message.parts, "");
      if (!words.empty()) add_reply(parts_.text(words), true);
      return;
    }
    flush_reply();
    if (message.role != ir::Role::user) parts_.lose("system", Action::approximated, at);
    for (const ir::Part& part : message.parts) {
      std::string written = parts_.part(part);
      if (!written.empty()) user_.push_back(std::move(written));
    }
  }

  void add_orphan(const ir::ToolResult& result, std::size_t at) {
    parts_.lose("items.tool_result", Action::approximated, at);
    user_.push_back(
        parts_.text(orphan_heading(result) + "\n" + parts_.words_of(result.parts, "\n")));
  }

  // --- the model's reply being gathered

  void add_reply(std::string part, bool is_text) {
    flush_user();
    reply_.push_back(std::move(part));
    signable_ = is_text;
  }

  void add_reasoning(const ir::Reasoning& reasoning, std::size_t at) {
    const auto signature =
        reasoning.opaque ? open(*reasoning.opaque, target_.provider, target_.model) : std::nullopt;
    if (!signature) {
      // Older turns' reasoning is not wanted back, so leaving it out loses nothing.
      if (last_user_ == no_match || at > last_user_) parts_.lose("reasoning", Action::dropped, at);
      return;
    }
    switch (signature->place) {
      case Place::call: call_signature_ = signature->data; return;
      case Place::text:
        if (!signable_) break;
        sign(reply_.back(), signature->data);
        signable_ = false;
        return;
      case Place::alone: break;
      case Place::thought: add_thought(reasoning, signature->data); return;
    }
    std::string part = parts_.text("");
    sign(part, signature->data);
    add_reply(std::move(part), false);
  }

  void add_thought(const ir::Reasoning& reasoning, const std::string& signature) {
    std::string words;
    for (const std::string& one : reasoning.summary) add_line(words, one);
    std::string part;
    json::Writer(part).begin_object().member("text", words).member("thought", true).end_object();
    sign(part, signature);
    add_reply(std::move(part), false);
  }

  void add_call(const ir::ToolCall& call, std::size_t at) {
    ids_.push_back(
        wire_id(call.call_id, taken_, target_.dialect.tool_id_length, target_.dialect.tool_id_max));
    taken_.insert(ids_.back());
    std::string part;
    json::Writer writer(part);
    writer.begin_object().key("functionCall").begin_object();
    if (target_.dialect.tool_call_ids) writer.member("id", ids_.back());
    writer.member("name", encoded_.names.wire(call.space, call.name));
    writer.key("args").raw(arguments_of(call, at)).end_object().end_object();
    sign_call(part, call, at);
    calls_.push_back(at);
    add_reply(std::move(part), false);
  }

  std::string arguments_of(const ir::ToolCall& call, std::size_t at) {
    if (call.kind == ir::ToolKind::custom) return wrap_input(call.input);
    if (call.input.empty()) return "{}";
    const auto parsed = json::Document::parse(call.input, "arguments");
    if (parsed && parsed->root().is_object()) return parsed->root().text();
    // Arguments must be an object here; what the model wrote is kept as a string in one.
    parts_.lose("items.arguments", Action::approximated, at);
    return wrap_input(call.input);
  }

  // Only the first call of a step has a signature; a call of another model cannot have one.
  void sign_call(std::string& part, const ir::ToolCall& call, std::size_t at) {
    const auto own =
        call.opaque ? open(*call.opaque, target_.provider, target_.model) : std::nullopt;
    if (own) {
      sign(part, own->data);
    } else if (!call_signature_.empty()) {
      sign(part, call_signature_);
    } else if (calls_.empty() && !target_.dialect.signature_placeholder.empty()) {
      parts_.lose("reasoning.signature", Action::approximated, at);
      sign(part, target_.dialect.signature_placeholder);
    }
    call_signature_.clear();
  }

  void flush_reply() {
    if (!reply_.empty()) {
      if (!begun_) {
        // A conversation begins with its user.
        parts_.lose("messages", Action::approximated);
        write_content("user", {parts_.text(no_beginning)});
      }
      write_content("model", reply_);
      if (!calls_.empty()) write_results();
    }
    reply_.clear();
    calls_.clear();
    ids_.clear();
    taken_.clear();
    call_signature_.clear();
    signable_ = false;
  }

  void write_results() {
    std::vector<std::string> results;
    Returned later;
    for (std::size_t n = 0; n < calls_.size(); ++n) results.push_back(result_of(n, later));
    write_content("user", results);
    if (!later.images.empty()) {
      parts_.lose("images", Action::approximated);
      user_.push_back(parts_.text("Images returned by the tools above:"));
      user_.insert(user_.end(), later.images.begin(), later.images.end());
    }
    if (!later.files.empty()) {
      parts_.lose("files", Action::approximated);
      user_.push_back(parts_.text("Documents returned by the tools above:"));
      user_.insert(user_.end(), later.files.begin(), later.files.end());
    }
  }

  std::string result_of(std::size_t n, Returned& later) {
    const auto& call = std::get<ir::ToolCall>(request_.items[calls_[n]].value);
    const std::size_t at = match_[calls_[n]];
    std::string words;
    bool failed = false;
    Returned returned;
    if (at == no_match) {
      parts_.lose("items.tool_result", Action::approximated, calls_[n]);
      words = no_result;
    } else {
      const auto& result = std::get<ir::ToolResult>(request_.items[at].value);
      failed = result.failed;
      words = parts_.words_of(result, returned);
    }
    std::string out;
    json::Writer writer(out);
    writer.begin_object().key("functionResponse").begin_object();
    if (target_.dialect.tool_call_ids) writer.member("id", ids_[n]);
    writer.member("name", encoded_.names.wire(call.space, call.name));
    writer.key("response").begin_object().member(failed ? "error" : "output", words).end_object();
    auto& [images, files] = returned;
    if (!target_.dialect.tool_images) {
      later.images.insert(later.images.end(), images.begin(), images.end());
      later.files.insert(later.files.end(), files.begin(), files.end());
    } else if (!images.empty() || !files.empty()) {
      writer.key("parts").begin_array();
      for (const std::string& image : images) writer.raw(image);
      for (const std::string& file : files) writer.raw(file);
      writer.end_array();
    }
    writer.end_object().end_object();
    return out;
  }

  // --- contents

  void flush_user() {
    if (!user_.empty()) write_content("user", user_);
    user_.clear();
  }

  void write_content(std::string_view role, const std::vector<std::string>& parts) {
    begun_ = true;
    writer_.begin_object().member("role", role).key("parts").begin_array();
    for (const std::string& part : parts) writer_.raw(part);
    writer_.end_array().end_object();
  }

  json::Writer& writer_;
  const ir::Request& request_;
  const Target& target_;
  Encoded& encoded_;
  PartWriter parts_;
  std::vector<std::size_t> match_;
  std::size_t last_user_ = no_match;
  bool begun_ = false;
  std::vector<std::string> user_;
  // The reply:
  std::vector<std::string> reply_;
  bool signable_ = false;  // its last part is a text without a signature
  std::string call_signature_;
  std::vector<std::size_t> calls_;
  std::vector<std::string> ids_;  // as calls_
  std::unordered_set<std::string> taken_;
};

}  // namespace

void write_contents(json::Writer& writer, const ir::Request& request, const Target& target,
                    const std::string& note, Encoded& encoded) {
  Contents(writer, request, target, encoded).write(note);
}

}  // namespace tpool::protocol::gemini
