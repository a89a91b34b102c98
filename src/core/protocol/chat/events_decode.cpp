#include "core/protocol/chat/events_decode.hpp"

#include "core/protocol/chat/usage.hpp"
#include "core/protocol/openai_error.hpp"

namespace tpool::protocol::chat {

namespace {

using Kind = ir::Failure::Kind;

// An error told as the body itself instead of in `error`.
bool is_bare_error(json::Value root) {
  return !root["choices"] && !root["usage"] &&
         (root["message"].is_string() || root["detail"] || root["msg"].is_string());
}

}  // namespace

void Decoder::take_event(const SseEvent& event, json::Value root, std::vector<ir::Event>& out) {
  // Some gateways send a whole answer or an error under another event name; the data decides.
  const std::size_t before = out.size();
  take(root, out);
  learn(event.data, root, out, before);
}

// Most chunks are the one before with another text.
bool Decoder::take_unread(const SseEvent& event, std::vector<ir::Event>& out) {
  if (text_block_ < 0 || text_kind_ != ir::BlockKind::text || finish_) return false;
  std::string text;
  if (!similar_.match(event.data, text)) return false;
  if (!text.empty()) out.emplace_back(ir::Delta{text_block_, std::move(text)});
  return true;
}

void Decoder::learn(std::string_view data, json::Value root, const std::vector<ir::Event>& out,
                    std::size_t before) {
  if (out.size() != before + 1 || target_.dialect.think_tags || usage_ || finish_) return;
  const auto* delta = std::get_if<ir::Delta>(&out.back());
  if (delta == nullptr || delta->index != text_block_) return;
  const json::Value choice = root["choices"].at(0);
  const auto content = choice["delta"]["content"].string();
  if (content && *content == delta->text) similar_.learn(data, "content", delta->text);
}

void Decoder::take(json::Value root, std::vector<ir::Event>& out) {
  if (!readable(root, out)) return;
  if (const json::Value error = root["error"]; error && (error.is_string() || error.size() > 0)) {
    fail(read_error(0, error), out);
    return;
  }
  if (is_bare_error(root)) {
    fail(read_error(0, root), out);
    return;
  }
  const std::string_view id = root["id"].string_or("");
  if (start(id, root["model"].string_or(""), out)) calls_.set_answer_id(id);
  const json::Value choices = root["choices"];
  const json::Value choice = choices.at(0);
  for (const json::Value& usage : {root["usage"], choice["usage"]}) {
    if (const auto read = read_usage(usage)) usage_ = read;
  }
  if (choice.is_object()) {
    take_choice(choice, out);
  } else if (usage_ && finish_) {
    // Counts of their own come last; nothing is to be waited for.
    complete(out);
  }
}

void Decoder::take_choice(json::Value choice, std::vector<ir::Event>& out) {
  const bool whole = !choice["delta"] && choice["message"];
  const json::Value delta = choice[whole ? "message" : "delta"];
  if (const json::Value error = choice["error"]; error && error.size() > 0) {
    fail(read_error(0, error), out);
    return;
  }
  if (std::string text = log_.take(delta, target_.dialect); !text.empty()) {
    show_reasoning(std::move(text), out);
  }
  take_content(delta["content"], out);
  if (const auto text = delta["refusal"].string(); text && !text->empty()) {
    show_text(std::string(*text), ir::BlockKind::refusal, out);
  }
  const json::Value list = delta["tool_calls"];
  if (list.size() > 0 || delta["function_call"]) {
    close_reasoning(out);
    close_block(text_block_, out);
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto position = whole ? std::optional(static_cast<std::int64_t>(i)) : std::nullopt;
    calls_.feed(list.at(i), position, next_block_, out);
    if (calls_.count() > max_blocks) break;
  }
  if (delta["function_call"].is_object()) {
    // The legacy form: one call, told by the same members one level up.
    const auto parsed = json::Document::parse(
        R"({"index":0,"function":)" + delta["function_call"].text() + "}", "function_call");
    if (parsed) calls_.feed(parsed->root(), {}, next_block_, out);
  }
  if (next_block_ > max_blocks || calls_.count() > max_blocks) {
    fail_overfull(out);
    return;
  }
  if (const auto word = choice["finish_reason"].string(); word && !word->empty()) {
    take_finish(*word, out);
  } else if (whole && !done_) {
    // A whole answer is finished even when it does not say why.
    take_finish("stop", out);
  }
}

void Decoder::take_content(json::Value content, std::vector<ir::Event>& out) {
  if (const auto text = content.string()) {
    if (!text->empty()) take_text(*text, out);
    return;
  }
  for (std::size_t i = 0; i < content.size(); ++i) {
    const json::Value part = content.at(i);
    if (part["type"].string_or("") == "thinking") {
      std::string text(part["thinking"].string_or(""));
      const json::Value inner = part["thinking"];
      for (std::size_t n = 0; n < inner.size(); ++n) text += inner.at(n)["text"].string_or("");
      log_.add_text(text);
      show_reasoning(std::move(text), out);
    } else if (const auto text = part["text"].string()) {
      take_text(*text, out);
    }
  }
}

void Decoder::take_text(std::string_view text, std::vector<ir::Event>& out) {
  if (!target_.dialect.think_tags) {
    show_text(std::string(text), ir::BlockKind::text, out);
    return;
  }
  std::string reasoning;
  std::string plain;
  think_.feed(text, reasoning, plain);
  log_.add_text(reasoning);
  show_reasoning(std::move(reasoning), out);
  show_text(std::move(plain), ir::BlockKind::text, out);
}

void Decoder::show_text(std::string text, ir::BlockKind kind, std::vector<ir::Event>& out) {
  if (text.empty()) return;
  close_reasoning(out);
  if (text_kind_ != kind) close_block(text_block_, out);
  text_kind_ = kind;
  if (text_block_ < 0) text_block_ = open_block(kind, out);
  out.emplace_back(ir::Delta{text_block_, std::move(text)});
}

void Decoder::show_reasoning(std::string text, std::vector<ir::Event>& out) {
  if (text.empty()) return;
  close_block(text_block_, out);
  if (reasoning_block_ < 0) reasoning_block_ = open_block(ir::BlockKind::reasoning, out);
  out.emplace_back(ir::Delta{reasoning_block_, std::move(text)});
}

void Decoder::close_reasoning(std::vector<ir::Event>& out) {
  if (reasoning_block_ < 0) return;
  if (!log_.empty() && target_.dialect.replay_reasoning != "never") {
    out.emplace_back(ir::Sealed{reasoning_block_, log_.seal(target_.provider, target_.model)});
  }
  close_block(reasoning_block_, out);
}

void Decoder::close_all(std::vector<ir::Event>& out) {
  if (target_.dialect.think_tags) {
    std::string reasoning;
    std::string plain;
    think_.finish(reasoning, plain);
    log_.add_text(reasoning);
    show_reasoning(std::move(reasoning), out);
    show_text(std::move(plain), ir::BlockKind::text, out);
  }
  close_reasoning(out);
  close_block(text_block_, out);
  calls_.finish(next_block_, out);
  if (log_.has_details() && target_.dialect.replay_reasoning != "never") {
    // Details that came after the text: sealed in a block of their own, with nothing to show.
    int block = open_block(ir::BlockKind::reasoning, out);
    out.emplace_back(ir::Sealed{block, log_.seal(target_.provider, target_.model)});
    close_block(block, out);
  }
}

void Decoder::take_finish(std::string_view word, std::vector<ir::Event>& out) {
  // Words of providers for "our side broke", not for an end of the answer.
  if (word == "insufficient_system_resource" || word == "network_error" || word == "error" ||
      word == "abort") {
    fail({Kind::overloaded, 0, "the provider stopped the answer: " + std::string(word),
          std::string(word)},
         out);
    return;
  }
  close_all(out);
  if (word == "length" || word == "max_tokens" || word == "model_context_window_exceeded") {
    finish_ = ir::Finish::length;
  } else if (word == "content_filter" || word == "sensitive" || word == "safety") {
    finish_ = ir::Finish::content_filter;
  } else if (calls_.any()) {
    finish_ = ir::Finish::tool_calls;
  } else if (word == "stop" || word == "eos" || word == "end_turn" || word == "stop_sequence" ||
             word == "tool_calls" || word == "function_call") {
    finish_ = ir::Finish::stop;
  } else {
    finish_ = ir::Finish::other;
  }
}

void Decoder::complete(std::vector<ir::Event>& out) {
  if (!finish_) {
    fail({Kind::cut, 0, "the answer ended without a finish reason"}, out);
    return;
  }
  close_all(out);
  finish({*finish_, usage_}, out);
}

}  // namespace tpool::protocol::chat
