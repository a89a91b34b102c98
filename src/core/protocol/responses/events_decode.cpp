#include "core/protocol/responses/events_decode.hpp"

#include <algorithm>

#include "core/protocol/openai_error.hpp"
#include "core/protocol/provider_json.hpp"
#include "core/protocol/responses/usage.hpp"

namespace tpool::protocol::responses {

namespace {

using Kind = ir::Failure::Kind;

ir::Finish finish_of(std::string_view reason) {
  if (reason == "max_output_tokens") return ir::Finish::length;
  return reason == "content_filter" ? ir::Finish::content_filter : ir::Finish::other;
}

}  // namespace

void Decoder::feed(const SseEvent& event, std::vector<ir::Event>& out) {
  if (done_ || event.data.empty() || event.data == "[DONE]") return;
  const auto document = parse_provider_json(event.data);
  if (!document) {
    fail({Kind::garbage, 0,
          "the provider sent an event that is not JSON: " + short_text(event.data.substr(0, 120))},
         out);
    return;
  }
  const json::Value root = document->root();
  if (root.is_object() && !root["type"] && !event.name.empty() && !root["error"] &&
      root["object"].string_or("") != "response") {
    take_event(event.name, root, out);
  } else {
    take(root, out);
  }
}

void Decoder::end(std::vector<ir::Event>& out) {
  if (!done_) fail({Kind::cut, 0, "the answer ended without response.completed"}, out);
}

void Decoder::fail(ir::Failure failure, std::vector<ir::Event>& out) {
  if (done_) return;
  done_ = true;
  out.emplace_back(ir::Failed{std::move(failure)});
}

void Decoder::take(json::Value root, std::vector<ir::Event>& out) {
  if (done_) return;
  if (!root.is_object()) {
    fail({Kind::garbage, 0, "the provider sent an event that is not an object"}, out);
    return;
  }
  const std::string_view type = root["type"].string_or("");
  if (!type.empty()) {
    take_event(type, root, out);
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

void Decoder::take_event(std::string_view type, json::Value root, std::vector<ir::Event>& out) {
  if (!type.starts_with("response.")) {
    if (type == "error") fail(read_error(0, root["error"] ? root["error"] : root), out);
    return;
  }
  if (full()) {
    fail({Kind::garbage, 0, "the answer has too many parts"}, out);
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
    if (started_ || !response.is_object()) return;
    started_ = true;
    out.emplace_back(ir::Started{std::string(response["id"].string_or("")),
                                 std::string(response["model"].string_or(""))});
  } else if (name == "completed" || name == "incomplete" || name == "failed" || name == "done" ||
             name == "cancelled") {
    const json::Value response = root["response"];
    const std::string_view status = response["status"].string_or("");
    take_response(name == "done" ? (status.empty() ? "completed" : status) : name, response, out);
  }
}

// The end of the answer, with or without the items in it.
void Decoder::take_response(std::string_view status, json::Value response,
                            std::vector<ir::Event>& out) {
  if (!started_ && next_block_ == 0) {
    started_ = true;
    out.emplace_back(ir::Started{std::string(response["id"].string_or("")),
                                 std::string(response["model"].string_or(""))});
  }
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
    fail({Kind::garbage, 0, "the answer has too many parts"}, out);
    return;
  }
  while (!blocks_.empty()) close(blocks_.front().output, out);
  done_ = true;
  const json::Value why = response["incomplete_details"]["reason"];
  ir::Finish reason = called_ ? ir::Finish::tool_calls : ir::Finish::stop;
  if (why.is_string() || status == "incomplete") reason = finish_of(why.string_or(""));
  out.emplace_back(ir::Finished{reason, read_usage(response["usage"]), std::move(losses_)});
}

}  // namespace tpool::protocol::responses
