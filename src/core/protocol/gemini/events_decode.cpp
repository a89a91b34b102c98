#include "core/protocol/gemini/events_decode.hpp"

#include <algorithm>
#include <array>

#include "core/protocol/gemini/errors.hpp"
#include "core/protocol/gemini/usage.hpp"
#include "core/protocol/openai_error.hpp"
#include "core/protocol/tool_input.hpp"

namespace tpool::protocol::gemini {

namespace {

using Kind = ir::Failure::Kind;
using Place = Signature::Place;

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

constexpr std::array<std::string_view, 9> filtered = {
    "SAFETY",       "RECITATION",       "BLOCKLIST",
    "SPII",         "MODEL_ARMOR",      "PROHIBITED_CONTENT",
    "IMAGE_SAFETY", "IMAGE_RECITATION", "IMAGE_PROHIBITED_CONTENT"};

// The model stumbled over its own answer: what it said so far is no answer.
constexpr std::array<std::string_view, 4> stumbled = {
    "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE"};

}  // namespace

void Decoder::take_event(const SseEvent&, json::Value root, std::vector<ir::Event>& out) {
  take(root.is_array() ? root.at(0) : root, out);
}

void Decoder::take_answer(json::Value root, std::vector<ir::Event>& out) {
  if (!root.is_array()) return take(root, out);
  // A stream that nobody asked to be events is an array of its chunks.
  for (std::size_t i = 0; i < root.size(); ++i) take(root.at(i), out);
}

void Decoder::take(json::Value root, std::vector<ir::Event>& out) {
  if (!readable(root, out)) return;
  if (const json::Value error = root["error"]) {
    fail(read_status(error), out);
    return;
  }
  if (!root["candidates"] && !root["usageMetadata"] && !root["promptFeedback"] &&
      root["message"].is_string()) {
    fail(read_status(root), out);
    return;
  }
  const std::string_view id = root["responseId"].string_or("");
  if (start(id, root["modelVersion"].string_or(""), out)) ids_.set_answer_id(id);
  if (const auto usage = read_usage(root["usageMetadata"])) usage_ = usage;
  const json::Value candidate = root["candidates"].at(0);
  if (candidate.is_object()) {
    take_candidate(candidate, out);
  } else if (root["promptFeedback"]["blockReason"]) {
    take_block_reason(root["promptFeedback"], out);
  }
  // Counts come with the end, or after it.
  if (!done_ && finish_ && usage_) complete(out);
}

void Decoder::take_candidate(json::Value candidate, std::vector<ir::Event>& out) {
  const json::Value parts = candidate["content"]["parts"];
  for (std::size_t i = 0; i < parts.size() && !done_; ++i) {
    take_part(parts.at(i), out);
    if (next_block_ > max_blocks) {
      fail_overfull(out);
      return;
    }
  }
  const std::string_view word = candidate["finishReason"].string_or("");
  if (!word.empty() && !done_) {
    take_finish(word, candidate["finishMessage"].string_or(""), out);
  }
}

void Decoder::take_part(json::Value part, std::vector<ir::Event>& out) {
  const std::string_view signature = part["thoughtSignature"].string_or("");
  if (const json::Value call = part["functionCall"]; call.is_object()) {
    take_call(call, signature, out);
  } else if (const auto text = part["text"].string()) {
    if (part["thought"].boolean_or(false)) {
      show_thought(*text, out);
      if (!signature.empty()) seal(Place::thought, signature, out);
    } else {
      show_text(*text, signature, out);
    }
  } else if (const json::Value code = part["executableCode"]; code.is_object()) {
    show_text("\n```\n" + std::string(code["code"].string_or("")) + "\n```\n", signature, out);
  } else if (const json::Value result = part["codeExecutionResult"]; result.is_object()) {
    show_text("\n```\n" + std::string(result["output"].string_or("")) + "\n```\n", signature, out);
  } else if (const json::Value media = part["inlineData"]; media.is_object()) {
    show_text("[The model sent " + short_text(media["mimeType"].string_or("data")) +
                  " here, which cannot be passed on.]",
              signature, out);
  } else if (!signature.empty()) {
    show_text({}, signature, out);
  }
}

void Decoder::take_call(json::Value call, std::string_view signature, std::vector<ir::Event>& out) {
  close_block(text_block_, out);
  if (!signature.empty()) seal(Place::call, signature, out);
  close_block(reasoning_block_, out);
  called_ = true;
  ir::BlockStart block;
  block.index = next_block_++;
  block.kind = ir::BlockKind::tool_call;
  block.call_id = ids_.take(call["id"].string_or(""));
  const bool wrapped = restore_tool(names_, call["name"].string_or(""), block);
  ir::Delta input{block.index, call["args"] ? call["args"].text() : std::string("{}")};
  if (wrapped) {
    InputUnwrapper unwrapper;
    std::string plain;
    unwrapper.feed(input.text, plain);
    unwrapper.finish(plain);
    input.text = std::move(plain);
  }
  const int index = block.index;
  out.emplace_back(std::move(block));
  if (!input.text.empty()) out.emplace_back(std::move(input));
  out.emplace_back(ir::BlockEnd{index});
}

void Decoder::show_text(std::string_view text, std::string_view signature,
                        std::vector<ir::Event>& out) {
  if (!text.empty()) {
    close_block(reasoning_block_, out);
    if (text_block_ < 0) {
      text_block_ = open_block(ir::BlockKind::text, out);
      text_spoke_ = false;
    }
    out.emplace_back(ir::Delta{text_block_, std::string(text)});
  }
  if (!signature.empty()) {
    // Only a text that came in one part can have its signature back on it.
    const bool whole = !text.empty() && !text_spoke_;
    close_block(text_block_, out);
    seal(whole ? Place::text : Place::alone, signature, out);
    close_block(reasoning_block_, out);
  } else if (!text.empty()) {
    text_spoke_ = true;
  }
}

void Decoder::show_thought(std::string_view text, std::vector<ir::Event>& out) {
  if (text.empty()) return;
  close_block(text_block_, out);
  if (reasoning_block_ < 0) reasoning_block_ = open_block(ir::BlockKind::reasoning, out);
  out.emplace_back(ir::SummaryDelta{reasoning_block_, 0, std::string(text)});
}

// Seals the open reasoning, or one with nothing to show; a block has room for one seal.
void Decoder::seal(Place place, std::string_view signature, std::vector<ir::Event>& out) {
  if (reasoning_block_ < 0) reasoning_block_ = open_block(ir::BlockKind::reasoning, out);
  out.emplace_back(ir::Sealed{
      reasoning_block_,
      gemini::seal(Signature{place, std::string(signature)}, target_.provider, target_.model)});
  close_block(reasoning_block_, out);
}

void Decoder::take_block_reason(json::Value feedback, std::vector<ir::Event>& out) {
  const std::string_view reason = feedback["blockReason"].string_or("unknown");
  const std::string_view message = feedback["blockReasonMessage"].string_or("");
  fail({Kind::refused, 0,
        short_text(message.empty() ? "the provider blocked the prompt: " + std::string(reason)
                                   : std::string(message)),
        short_text(reason)},
       out);
}

void Decoder::take_finish(std::string_view word, std::string_view message,
                          std::vector<ir::Event>& out) {
  if (is_one_of(stumbled, word) || word == "MISSING_THOUGHT_SIGNATURE") {
    std::string text = "the provider gave up the answer: " + std::string(word);
    if (!message.empty()) text += ": " + std::string(message);
    fail({word == "MISSING_THOUGHT_SIGNATURE" ? Kind::unsupported : Kind::garbage, 0,
          short_text(text), short_text(word)},
         out);
    return;
  }
  if (word == "MAX_TOKENS") {
    finish_ = ir::Finish::length;
  } else if (is_one_of(filtered, word)) {
    finish_ = ir::Finish::content_filter;
  } else if (called_) {
    finish_ = ir::Finish::tool_calls;
  } else {
    finish_ = word == "STOP" ? ir::Finish::stop : ir::Finish::other;
  }
}

void Decoder::complete(std::vector<ir::Event>& out) {
  if (!finish_) {
    fail({Kind::cut, 0, "the answer ended without a finish reason"}, out);
    return;
  }
  close_block(reasoning_block_, out);
  close_block(text_block_, out);
  finish({*finish_, usage_}, out);
}

}  // namespace tpool::protocol::gemini
