#include "core/protocol/chat/tool_calls.hpp"

#include <algorithm>

namespace tpool::protocol::chat {

void ToolCalls::feed(json::Value value, std::optional<std::int64_t> position, int& next_block,
                     std::vector<ir::Event>& out) {
  const bool custom = value["custom"].is_object();
  const json::Value function = custom ? value["custom"] : value["function"];
  const std::string_view name = function["name"].string_or("");
  const std::string_view id = value["id"].string_or("");
  Call& call = pick(position ? position : value["index"].integer(), id, name);
  any_ = true;
  call.native_custom = call.native_custom || custom;
  if (call.id.empty()) call.id = id;
  if (!call.started && !name.empty() && name != call.name) {
    // A longer name that begins with what we have is the same name told again.
    if (name.starts_with(call.name)) call.name.clear();
    call.name += name;
  }
  const json::Value input = function[custom ? "input" : "arguments"];
  if (!input) return;
  const std::string text = input.is_string() ? std::string(*input.string()) : input.text();
  if (text.empty()) return;
  if (call.started) {
    pass(call, text, out);
    return;
  }
  call.pending += text;
  if (call.name.empty() || call.id.empty()) return;
  // Calls start in the order they appeared.
  for (Call& earlier : calls_) {
    if (!earlier.started) start(earlier, next_block, out);
    if (&earlier == &call) break;
  }
}

ToolCalls::Call& ToolCalls::pick(std::optional<std::int64_t> index, std::string_view id,
                                 std::string_view name) {
  const auto last_where = [&](auto matches) {
    const auto found = std::find_if(calls_.rbegin(), calls_.rend(), matches);
    return found == calls_.rend() ? nullptr : &*found;
  };
  Call* call = nullptr;
  if (index) {
    call = last_where([&](const Call& c) { return c.index == index; });
    // Some providers number every call 0: another id with a name is another call.
    const bool other = call != nullptr && !id.empty() && !call->id.empty() && call->id != id;
    if (other && !name.empty()) call = nullptr;
  } else if (!id.empty()) {
    call = last_where([&](const Call& c) { return c.id == id; });
  } else if (!calls_.empty() &&
             (name.empty() || (!calls_.back().started && calls_.back().pending.empty()))) {
    call = &calls_.back();
  }
  if (call == nullptr) {
    call = &calls_.emplace_back();
    call->index = index;
  }
  return *call;
}

void ToolCalls::start(Call& call, int& next_block, std::vector<ir::Event>& out) {
  call.started = true;
  call.block = next_block++;
  ir::BlockStart block;
  block.index = call.block;
  block.kind = ir::BlockKind::tool_call;
  block.call_id = ids_.take(call.id);
  block.tool = call.native_custom ? ir::ToolKind::custom : ir::ToolKind::function;
  call.wrapped = restore_tool(names_, call.name, block) && !call.native_custom;
  out.emplace_back(std::move(block));
  if (!call.pending.empty()) pass(call, call.pending, out);
  call.pending.clear();
}

void ToolCalls::pass(Call& call, std::string_view piece, std::vector<ir::Event>& out) {
  ir::Delta delta{call.block, {}};
  if (call.wrapped) {
    call.unwrapper.feed(piece, delta.text);
  } else {
    delta.text = piece;
  }
  if (delta.text.empty()) return;
  call.spoke = true;
  out.emplace_back(std::move(delta));
}

void ToolCalls::finish(int& next_block, std::vector<ir::Event>& out) {
  for (Call& call : calls_) {
    if (!call.started) start(call, next_block, out);
    ir::Delta rest{call.block, {}};
    if (call.wrapped) {
      call.unwrapper.finish(rest.text);
    } else if (!call.spoke && !call.native_custom) {
      // A call without arguments is a call with none of them.
      rest.text = "{}";
    }
    if (!rest.text.empty()) out.emplace_back(std::move(rest));
    out.emplace_back(ir::BlockEnd{call.block});
  }
  calls_.clear();
}

}  // namespace tpool::protocol::chat
