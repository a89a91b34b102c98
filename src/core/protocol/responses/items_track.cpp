#include <algorithm>

#include "core/protocol/responses/events_decode.hpp"

namespace tpool::protocol::responses {

namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// What of `whole` was not sent yet; empty when the two do not fit together.
std::string_view rest_of(std::string_view whole, std::size_t sent) {
  if (whole.size() <= sent) return {};
  const std::string_view rest = whole.substr(sent);
  return is_continuation(rest.front()) ? std::string_view() : rest;
}

}  // namespace

Decoder::Item& Decoder::item_at(std::int64_t output) {
  const auto found = std::find_if(items_.rbegin(), items_.rend(),
                                  [&](const Item& item) { return item.output == output; });
  if (found != items_.rend()) return *found;
  items_.push_back({output, {}, {}});
  return items_.back();
}

Decoder::Block* Decoder::block_at(std::int64_t output, std::int64_t content) {
  const auto found = std::find_if(blocks_.rbegin(), blocks_.rend(), [&](const Block& block) {
    return block.output == output && block.content == content;
  });
  return found == blocks_.rend() ? nullptr : &*found;
}

Decoder::Block& Decoder::text_block(std::int64_t output, std::int64_t content, ir::BlockKind kind,
                                    std::vector<ir::Event>& out) {
  if (Block* open = block_at(output, content)) return *open;
  const Item& item = item_at(output);
  ir::BlockStart start;
  start.index = next_block_++;
  start.kind = kind;
  start.id = item.id;
  start.phase = item.phase;
  blocks_.push_back({output, content, start.index, kind});
  out.emplace_back(std::move(start));
  return blocks_.back();
}

Decoder::Block& Decoder::reasoning_block(std::int64_t output, json::Value item,
                                         std::vector<ir::Event>& out) {
  if (Block* open = block_at(output, -1)) return *open;
  Item& known = item_at(output);
  if (known.id.empty()) known.id = item["id"].string_or("");
  ir::BlockStart start;
  start.index = next_block_++;
  start.kind = ir::BlockKind::reasoning;
  start.id = known.id;
  blocks_.push_back({output, -1, start.index, ir::BlockKind::reasoning});
  out.emplace_back(std::move(start));
  return blocks_.back();
}

// Nullptr while the call's name is not known.
Decoder::Block* Decoder::call_block(std::int64_t output, json::Value item,
                                    std::vector<ir::Event>& out) {
  if (Block* open = block_at(output, -1)) return open;
  const std::string_view name = item["name"].string_or("");
  if (name.empty()) return nullptr;
  ir::BlockStart start;
  start.index = next_block_++;
  start.kind = ir::BlockKind::tool_call;
  start.id = item["id"].string_or("");
  start.call_id = ids_.take(item["call_id"].string_or(item["id"].string_or("")));
  start.name = name;
  start.space = item["namespace"].string_or("");
  const bool custom = item["type"].string_or("") == "custom_tool_call";
  start.tool = custom ? ir::ToolKind::custom : ir::ToolKind::function;
  Block block{output, -1, start.index, ir::BlockKind::tool_call};
  if (start.space.empty()) block.wrapped = restore_tool(names_, name, start) && !custom;
  called_ = true;
  blocks_.push_back(std::move(block));
  out.emplace_back(std::move(start));
  return &blocks_.back();
}

void Decoder::add_text(Block& block, std::string_view text, std::vector<ir::Event>& out) {
  if (text.empty()) return;
  block.sent += text.size();
  ir::Delta delta{block.index, {}};
  if (block.wrapped) {
    block.unwrapper.feed(text, delta.text);
  } else {
    delta.text = text;
  }
  if (!delta.text.empty()) out.emplace_back(std::move(delta));
}

void Decoder::complete_text(Block& block, std::string_view whole, std::vector<ir::Event>& out) {
  add_text(block, rest_of(whole, block.sent), out);
}

void Decoder::add_summary(Block& block, std::int64_t part, std::string_view text,
                          std::vector<ir::Event>& out) {
  // A part's number comes from outside: it must not decide how much is allocated.
  const auto at = static_cast<std::size_t>(std::clamp<std::int64_t>(part, 0, 4095));
  if (block.parts.size() <= at) block.parts.resize(at + 1, 0);
  if (text.empty()) return;
  block.parts[at] += text.size();
  out.emplace_back(ir::SummaryDelta{block.index, static_cast<int>(at), std::string(text)});
}

void Decoder::start_item(std::int64_t output, json::Value value, std::vector<ir::Event>& out) {
  const std::string_view type = value["type"].string_or("");
  Item& item = item_at(output);
  item.id = value["id"].string_or("");
  item.phase = value["phase"].string_or("");
  if (type == "reasoning") {
    reasoning_block(output, value, out);
  } else if (type == "function_call" || type == "custom_tool_call") {
    call_block(output, value, out);
  }
}

void Decoder::finish_item(std::int64_t output, json::Value value, std::vector<ir::Event>& out) {
  const std::string_view type = value["type"].string_or("");
  if (item_at(output).done) return;
  {
    Item& item = item_at(output);
    item.done = true;
    if (item.id.empty()) item.id = value["id"].string_or("");
    if (item.phase.empty()) item.phase = value["phase"].string_or("");
    if (type == "message") finish_message(item, value, out);
  }
  if (type == "reasoning") {
    finish_reasoning(reasoning_block(output, value, out), value, out);
  } else if (type == "function_call" || type == "custom_tool_call") {
    if (Block* block = call_block(output, value, out)) {
      const json::Value input = value[type == "function_call" ? "arguments" : "input"];
      if (input.is_object()) {
        if (block->sent == 0) add_text(*block, input.text(), out);
      } else {
        complete_text(*block, input.string_or(""), out);
      }
    }
  } else if (type != "message") {
    lose(type.empty() ? "item" : type);
  }
  close(output, out);
}

void Decoder::finish_message(Item& item, json::Value value, std::vector<ir::Event>& out) {
  const std::int64_t output = item.output;
  const json::Value content = value["content"];
  if (const auto text = content.string()) {
    complete_text(text_block(output, 0, ir::BlockKind::text, out), *text, out);
    return;
  }
  for (std::size_t i = 0; i < content.size(); ++i) {
    if (full()) break;
    const json::Value part = content.at(i);
    const bool refusal = part["type"].string_or("") == "refusal";
    const std::string_view text = part[refusal ? "refusal" : "text"].string_or("");
    const auto at = static_cast<std::int64_t>(i);
    if (part["annotations"].size() > 0) lose("text.annotations");
    if (part["logprobs"].size() > 0) lose("text.logprobs");
    if (text.empty() && block_at(output, at) == nullptr) continue;
    complete_text(
        text_block(output, at, refusal ? ir::BlockKind::refusal : ir::BlockKind::text, out), text,
        out);
  }
}

void Decoder::finish_reasoning(Block& block, json::Value value, std::vector<ir::Event>& out) {
  const json::Value summary = value["summary"];
  for (std::size_t i = 0; i < summary.size(); ++i) {
    const std::size_t sent = i < block.parts.size() ? block.parts[i] : 0;
    add_summary(block, static_cast<std::int64_t>(i),
                rest_of(summary.at(i)["text"].string_or(""), sent), out);
  }
  std::string text;
  const json::Value content = value["content"];
  for (std::size_t i = 0; i < content.size(); ++i) text += content.at(i)["text"].string_or("");
  complete_text(block, text, out);
  if (const auto sealed = value["encrypted_content"].string(); sealed && !sealed->empty()) {
    out.emplace_back(ir::Sealed{
        block.index, {target_.provider, target_.model, "encrypted_content", std::string(*sealed)}});
  }
}

void Decoder::lose(std::string_view what) {
  // A provider that invents a kind per item is not listed kind by kind.
  constexpr std::size_t most_kinds = 16;
  constexpr std::size_t longest = 64;
  const bool many = losses_.size() >= most_kinds;
  ir::add_loss(losses_, "output." + std::string(many ? "others" : what.substr(0, longest)),
               ir::Loss::Action::dropped);
}

void Decoder::close(std::int64_t output, std::vector<ir::Event>& out) {
  for (auto block = blocks_.begin(); block != blocks_.end();) {
    if (block->output != output) {
      ++block;
      continue;
    }
    if (block->wrapped) {
      ir::Delta rest{block->index, {}};
      block->unwrapper.finish(rest.text);
      if (!rest.text.empty()) out.emplace_back(std::move(rest));
    }
    out.emplace_back(ir::BlockEnd{block->index});
    block = blocks_.erase(block);
  }
}

}  // namespace tpool::protocol::responses
