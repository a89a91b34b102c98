#include "core/protocol/transcript.hpp"

#include "core/json/value.hpp"
#include "core/json/write.hpp"

namespace tpool::protocol {
namespace {

// No request could bring more along.
constexpr std::size_t most_items = std::size_t{32} << 20;

// The inside of a JSON array's text.
std::string_view elements(std::string_view array) {
  const auto first = array.find_first_not_of(" \t\r\n", array.find('[') + 1);
  const auto last = array.find_last_not_of(" \t\r\n", array.rfind(']') - 1);
  if (first == std::string_view::npos || last == std::string_view::npos || last < first) return {};
  return array.substr(first, last - first + 1);
}

}  // namespace

void Transcript::stream(std::string_view wire) {
  if (complete_ || too_long_) return;
  sse_.feed(wire);
  SseEvent event;
  while (!too_long_ && sse_.next(event)) look(event);
}

void Transcript::look(const SseEvent& event) {
  // Deltas are most of a stream and never read.
  const auto front = event.data.substr(0, 96);
  const auto says = [&](std::string_view type) {
    return event.name == type || front.find(type) != std::string_view::npos;
  };
  const bool done = says("response.output_item.done");
  if (!done && !says("response.completed") && !says("response.incomplete")) return;
  const auto document = json::Document::parse(event.data, "event");
  if (!document) return;
  const auto root = document->root();
  if (done && root["item"].is_object()) {
    if (!items_.empty()) items_ += ',';
    items_ += root["item"].text();
    too_long_ = items_.size() > most_items;
    if (too_long_) std::string().swap(items_);
  } else if (!done && root["response"].is_object()) {
    take(root["response"].text());
  }
}

void Transcript::whole(std::string_view body) { take(body); }

void Transcript::take(std::string_view response_json) {
  const auto document = json::Document::parse(response_json, "answer");
  if (!document) return;
  const auto root = document->root();
  id_ = root["id"].string_or("");
  if (root["output"].size() > 0) items_ = elements(root["output"].text());
  complete_ = !id_.empty() && !root["error"].is_object();
}

std::string items_of_input(std::string_view input_json) {
  const auto document = json::Document::parse(input_json, "input");
  if (!document) return {};
  const auto root = document->root();
  if (root.is_array()) return std::string(elements(input_json));
  if (!root.is_string()) return {};
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("type", "message").member("role", "user").key("content");
  writer.raw(input_json).end_object();
  return out;
}

}  // namespace tpool::protocol
