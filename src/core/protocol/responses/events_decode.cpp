#include "core/protocol/responses/events_decode.hpp"

#include <algorithm>

#include "core/protocol/openai_error.hpp"
#include "core/protocol/responses/usage.hpp"

namespace tpool::protocol::responses {

namespace {

using Kind = ir::Failure::Kind;

ir::Finish finish_of(std::string_view reason) {
  if (reason == "max_output_tokens") return ir::Finish::length;
  return reason == "content_filter" ? ir::Finish::content_filter : ir::Finish::other;
}

}  // namespace

void Decoder::take_event(const SseEvent& event, json::Value root, std::vector<ir::Event>& out) {
  if (root.is_object() && !root["type"] && !event.name.empty() && !root["error"] &&
      root["object"].string_or("") != "response") {
    take_named(event.name, root, out);
  } else {
    take_answer(root, out);
  }
}

void Decoder::take_end(std::vector<ir::Event>& out) {
  fail({Kind::cut, 0, "the answer ended without response.completed"}, out);
}

// An event by its own type, or a whole response object.
void Decoder::take_answer(json::Value root, std::vector<ir::Event>& out) {
  if (!readable(root, out)) return;
  const std::string_view type = root["type"].string_or("");
  if (!type.empty()) {
    take_named(type, root, out);
  } else if (root["object"].string_or("") == "response" || root["output"].is_array()) {
    take_response(root["status"].string_or("completed"), root, out);
  } else if (const json::Value error = root["error"]) {
    fail(read_error(0, error), out);
  } else if (root["message"].is_string() || root["detail"]) {
    fail(read_error(0, root), out);
  } else {
    fail({Kind::garbage, 0, "the provider sent something that is no Responses event"}, out);
  }
}

void Decoder::take_named(std::string_view type, json::Value root, std::vector<ir::Event>& out) {
  if (!type.starts_with("response.")) {
    if (type == "error") fail(read_error(0, root["error"] ? root["error"] : root), out);
    return;
  }
  if (full()) {
    fail_overfull(out);
    return;
  }
  const std::string_view name = type.substr(9);
  const std::int64_t output = std::max<std::int64_t>(0, root["output_index"].integer().value_or(0));
  const std::int64_t content =
      std::max<std::int64_t>(0, root["content_index"].integer().value_or(0));
  const std::string_view delta = root["delta"].string_or("");
  if (name == "output_text.delta") {
    add_text(text_block(output, content, ir::BlockKind::text, out), delta, out);
  } else if (name == "refusal.delta") {
    add_text(text_block(output, content, ir::BlockKind::refusal, out), delta, out);
  } else if (name == "output_text.done") {
    complete_text(text_block(output, content, ir::BlockKind::text, out), root["text"].string_or(""),
                  out);
  } else if (name == "refusal.done") {
    complete_text(text_block(output, content, ir::BlockKind::refusal, out),
                  root["refusal"].string_or(""), out);
  } else if (name == "reasoning_summary_text.delta") {
    add_summary(reasoning_block(output, {}, out), root["summary_index"].integer().value_or(0),
                delta, out);
  } else if (name == "reasoning_text.delta") {
    add_text(reasoning_block(output, {}, out), delta, out);
  } else if (name == "function_call_arguments.delta" || name == "custom_tool_call_input.delta") {
    if (Block* block = block_at(output, -1)) add_text(*block, delta, out);
  } else if (name == "output_item.added") {
    start_item(output, root["item"], out);
  } else if (name == "output_item.done") {
    finish_item(output, root["item"], out);
  } else if (name == "created" || name == "in_progress" || name == "queued") {
    const json::Value response = root["response"];
    if (response.is_object()) start_answer(response, out);
  } else if (name == "completed" || name == "incomplete" || name == "failed" || name == "done" ||
             name == "cancelled") {
    const json::Value response = root["response"];
    const std::string_view status = response["status"].string_or("");
    take_response(name == "done" ? (status.empty() ? "completed" : status) : name, response, out);
  }
}

void Decoder::start_answer(json::Value response, std::vector<ir::Event>& out) {
  const std::string_view id = response["id"].string_or("");
  if (start(id, response["model"].string_or(""), out)) ids_.set_answer_id(id);
}

// The end of the answer, with or without the items in it.
void Decoder::take_response(std::string_view status, json::Value response,
                            std::vector<ir::Event>& out) {
  start_answer(response, out);
  usage_ = read_usage(response["usage"]);
  if (status == "failed" || (response["error"] && status != "incomplete")) {
    fail(read_error(0, response["error"]), out);
    return;
  }
  if (status == "cancelled" || status == "in_progress" || status == "queued") {
    fail({Kind::cut, 0, "the provider ended the answer as " + std::string(status)}, out);
    return;
  }
  const json::Value output = response["output"];
  const bool told_nothing = items_.empty();
  for (std::size_t i = 0; i < output.size(); ++i) {
    if (full()) break;
    const json::Value item = output.at(i);
    const std::string_view id = item["id"].string_or("");
    const auto position = static_cast<std::int64_t>(i);
    const auto same = std::find_if(items_.begin(), items_.end(), [&](const Item& known) {
      return id.empty() ? known.output == position : known.id == id;
    });
    // Items told by events may be numbered otherwise here; only unknown ids are news.
    if (same != items_.end() ? !same->done : told_nothing || !id.empty()) {
      // Below zero lie numbers no event can have used.
      finish_item(same != items_.end() ? same->output
                  : told_nothing       ? position
                                       : -1 - position,
                  item, out);
    }
  }
  if (full()) {
    fail_overfull(out);
    return;
  }
  while (!blocks_.empty()) close(blocks_.front().output, out);
  const json::Value why = response["incomplete_details"]["reason"];
  ir::Finish reason = called_ ? ir::Finish::tool_calls : ir::Finish::stop;
  if (why.is_string() || status == "incomplete") reason = finish_of(why.string_or(""));
  finish({reason, usage_, std::move(losses_)}, out);
}

}  // namespace tpool::protocol::responses
