#include "strict_stream.hpp"

#include <map>
#include <set>

#include "core/json/value.hpp"
#include "core/protocol/sse.hpp"

namespace tpool::protocol::responses {

namespace {

class Checker {
 public:
  void event(const SseEvent& event) {
    const auto document = json::Document::parse(event.data);
    if (!document) return wrong("data is not JSON: " + std::string(event.data));
    const json::Value root = document->root();
    const std::string type(root["type"].string_or(""));
    if (type.empty()) wrong("an event without a type");
    if (event.name != type) wrong("event name " + std::string(event.name) + " is not " + type);
    if (root["sequence_number"].integer() != sequence_++) wrong(type + ": sequence_number");
    if (ended_) wrong(type + " after the end");
    if (!created_ && type != "response.created") wrong(type + " before response.created");
    if (type == "response.created") {
      if (created_) wrong("created twice");
      created_ = true;
      id_ = root["response"]["id"].string_or("");
      if (id_.empty()) wrong("created without an id");
    } else if (type == "keepalive") {
      // Means nothing, once there is an answer.
    } else if (type == "response.in_progress") {
      if (root["response"]["id"].string_or("") != id_) wrong("in_progress of another id");
    } else if (type == "response.output_item.added") {
      added(root);
    } else if (type == "response.output_item.done") {
      done(root);
    } else if (type == "response.completed") {
      completed(root["response"]);
    } else if (type == "response.failed") {
      failed(root["response"]);
    } else {
      inner(type, root);
    }
  }

  std::vector<std::string> finish() {
    if (!ended_) wrong("no terminal event");
    return std::move(broken_);
  }

 private:
  struct Item {
    std::string id;
    std::string type;
    std::string text;                           // of output_text or a call's input
    std::map<std::int64_t, std::string> parts;  // summary
    std::int64_t open_part = -1;
    bool part_added = false;
    bool text_done = false;
    bool done = false;
  };

  void wrong(std::string what) { broken_.push_back(std::move(what)); }

  void added(json::Value root) {
    const auto at = root["output_index"].integer();
    if (at != static_cast<std::int64_t>(items_.size())) wrong("added: output_index out of order");
    Item item;
    item.id = root["item"]["id"].string_or("");
    item.type = root["item"]["type"].string_or("");
    if (item.id.empty()) wrong("added: no id");
    if (!ids_.insert(item.id).second) wrong("added: id twice: " + item.id);
    if (item.type == "reasoning" && !root["item"]["summary"].is_array()) {
      wrong("added: reasoning without summary");
    }
    if (item.type.ends_with("_call") && !calls_.insert(call_id(root)).second) {
      wrong("added: call_id twice");
    }
    items_.push_back(std::move(item));
  }

  static std::string call_id(json::Value root) {
    return std::string(root["item"]["call_id"].string_or(""));
  }

  Item* item_of(const std::string& type, json::Value root) {
    const auto at = root["output_index"].integer();
    if (!at || *at < 0 || *at >= static_cast<std::int64_t>(items_.size())) {
      wrong(type + ": no such item");
      return nullptr;
    }
    Item& item = items_[static_cast<std::size_t>(*at)];
    if (root["item_id"] && root["item_id"].string_or("") != item.id) wrong(type + ": item_id");
    if (item.done) wrong(type + ": the item was done");
    return &item;
  }

  void inner(const std::string& type, json::Value root) {
    Item* item = item_of(type, root);
    if (item == nullptr) return;
    if (!root["item_id"].is_string()) wrong(type + ": no item_id");
    const auto text = [&](std::string_view member) {
      if (!root[member].is_string()) wrong(type + ": no " + std::string(member));
      return std::string(root[member].string_or(""));
    };
    const auto whole = [&](std::string_view member) {
      if (text(member) != item->text) wrong(type + ": not the sum of its deltas");
      item->text_done = true;
    };
    if (type.ends_with(".delta") && text("delta").empty()) wrong(type + ": empty delta");
    if (type == "response.content_part.added") {
      if (item->type != "message" || item->part_added) wrong(type + ": not expected");
      item->part_added = true;
    } else if (type == "response.output_text.delta") {
      if (!item->part_added || item->text_done) wrong(type + ": outside its part");
      item->text += text("delta");
    } else if (type == "response.output_text.done") {
      whole("text");
    } else if (type == "response.content_part.done") {
      if (!item->text_done) wrong(type + ": before the text was done");
    } else if (type == "response.function_call_arguments.delta") {
      if (item->type != "function_call") wrong(type + ": of a " + item->type);
      item->text += text("delta");
    } else if (type == "response.function_call_arguments.done") {
      whole("arguments");
    } else if (type == "response.custom_tool_call_input.delta") {
      if (item->type != "custom_tool_call") wrong(type + ": of a " + item->type);
      item->text += text("delta");
    } else if (type == "response.custom_tool_call_input.done") {
      whole("input");
    } else if (type == "response.reasoning_text.delta") {
      item->text += text("delta");
    } else if (type == "response.reasoning_text.done") {
      whole("text");
    } else if (type.starts_with("response.reasoning_summary_")) {
      summary(type, root, *item);
    } else {
      wrong("unknown event " + type);
    }
  }

  void summary(const std::string& type, json::Value root, Item& item) {
    const auto at = root["summary_index"].integer();
    if (!at) return wrong(type + ": no summary_index");
    if (item.type != "reasoning") wrong(type + ": of a " + item.type);
    if (type == "response.reasoning_summary_part.added") {
      if (item.open_part != -1) wrong(type + ": another part is open");
      if (*at != static_cast<std::int64_t>(item.parts.size())) wrong(type + ": out of order");
      item.parts[*at] = {};
      item.open_part = *at;
      return;
    }
    if (item.open_part != *at) wrong(type + ": its part is not open");
    if (type == "response.reasoning_summary_text.delta") {
      item.parts[*at] += root["delta"].string_or("");
    } else if (type == "response.reasoning_summary_text.done") {
      if (root["text"].string_or("-") != item.parts[*at]) wrong(type + ": not the sum");
    } else if (type == "response.reasoning_summary_part.done") {
      if (root["part"]["text"].string_or("-") != item.parts[*at]) wrong(type + ": not the sum");
      item.open_part = -1;
    } else {
      wrong("unknown event " + type);
    }
  }

  void done(json::Value root) {
    Item* item = item_of("output_item.done", root);
    if (item == nullptr) return;
    item->done = true;
    const json::Value value = root["item"];
    if (value["id"].string_or("") != item->id) wrong("done: another id");
    if (value["type"].string_or("") != item->type) wrong("done: another type");
    if (item->type == "message") {
      const json::Value part = value["content"].at(0);
      if (value["role"].string_or("") != "assistant") wrong("done: role");
      if (part["type"].string_or("") != "output_text") wrong("done: not output_text");
      if (part["text"].string_or("-") != item->text) wrong("done: text differs");
      if (!item->text_done) wrong("done: before output_text.done");
    } else if (item->type == "function_call" || item->type == "custom_tool_call") {
      const bool custom = item->type == "custom_tool_call";
      if (!value["call_id"].is_string() || call_id(root).empty()) wrong("done: no call_id");
      if (!value["name"].is_string()) wrong("done: no name");
      if (value[custom ? "input" : "arguments"].string_or("-") != item->text) {
        wrong("done: input differs");
      }
      if (!item->text_done) wrong("done: before its input was done");
    } else if (item->type == "reasoning") {
      const json::Value list = value["summary"];
      if (!list.is_array()) wrong("done: reasoning without summary");
      if (list.size() != item->parts.size()) wrong("done: summary parts");
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (list.at(i)["text"].string_or("-") != item->parts[static_cast<std::int64_t>(i)]) {
          wrong("done: summary differs");
        }
      }
      if (item->open_part != -1) wrong("done: a summary part is open");
    } else {
      wrong("done: type " + item->type);
    }
    done_items_[*root["output_index"].integer()] = value.text();
  }

  void completed(json::Value response) {
    ended_ = true;
    if (response["id"].string_or("") != id_) wrong("completed: another id");
    for (const Item& item : items_) {
      if (!item.done) wrong("completed: an item is open");
    }
    const json::Value output = response["output"];
    if (output.size() != done_items_.size()) wrong("completed: output is not the items");
    std::size_t i = 0;
    for (const auto& [index, text] : done_items_) {
      if (output.at(i++).text() != text) wrong("completed: output differs");
    }
    const json::Value usage = response["usage"];
    if (!usage) return;
    const auto in = usage["input_tokens"].integer();
    const auto out = usage["output_tokens"].integer();
    const auto total = usage["total_tokens"].integer();
    if (!in || !out || !total || *in + *out != *total) wrong("completed: usage");
    if (!usage["input_tokens_details"]["cached_tokens"].integer())
      wrong("completed: cached_tokens");
    if (!usage["output_tokens_details"]["reasoning_tokens"].integer()) {
      wrong("completed: reasoning_tokens");
    }
  }

  void failed(json::Value response) {
    ended_ = true;
    const std::set<std::string_view> codes = {"invalid_prompt", "model_not_found",
                                              "context_length_exceeded", "rate_limit_exceeded",
                                              "server_error"};
    if (!codes.contains(response["error"]["code"].string_or(""))) wrong("failed: code");
    if (response["error"]["message"].string_or("").empty()) wrong("failed: no message");
  }

  std::vector<std::string> broken_;
  std::vector<Item> items_;
  std::map<std::int64_t, std::string> done_items_;  // by output_index
  std::set<std::string> ids_;
  std::set<std::string> calls_;
  std::string id_;
  std::int64_t sequence_ = 0;
  bool created_ = false;
  bool ended_ = false;
};

}  // namespace

std::vector<std::string> broken_rules(std::string_view stream) {
  Checker checker;
  SseReader reader;
  SseEvent event;
  reader.feed(stream);
  while (reader.next(event)) checker.event(event);
  std::vector<std::string> broken = checker.finish();
  if (!reader.at_boundary()) broken.emplace_back("the stream ends inside an event");
  return broken;
}

}  // namespace tpool::protocol::responses
