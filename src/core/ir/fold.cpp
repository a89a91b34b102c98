#include "core/ir/fold.hpp"

#include <algorithm>
#include <utility>

namespace tpool::ir {
namespace {

template <class... F>
struct Match : F... {
  using F::operator()...;
};
template <class... F>
Match(F...) -> Match<F...>;

std::string* text_of(Part& part) {
  if (auto* text = std::get_if<Text>(&part.value)) return &text->text;
  if (auto* refusal = std::get_if<Refusal>(&part.value)) return &refusal->text;
  return nullptr;
}

void unfold_message(const Message& message, int& index, std::vector<Event>& out) {
  for (const Part& part : message.parts) {
    const auto* text = std::get_if<Text>(&part.value);
    const auto* refusal = std::get_if<Refusal>(&part.value);
    if (!text && !refusal) continue;
    BlockStart block;
    block.index = index;
    block.kind = text ? BlockKind::text : BlockKind::refusal;
    block.id = message.id;
    block.phase = message.phase;
    out.emplace_back(std::move(block));
    const std::string& words = text ? text->text : refusal->text;
    if (!words.empty()) out.emplace_back(Delta{index, words});
    out.emplace_back(BlockEnd{index++});
  }
}

void unfold_reasoning(const Reasoning& reasoning, int& index, std::vector<Event>& out) {
  BlockStart block;
  block.index = index;
  block.kind = BlockKind::reasoning;
  block.id = reasoning.id;
  out.emplace_back(std::move(block));
  for (std::size_t part = 0; part < reasoning.summary.size(); ++part)
    out.emplace_back(SummaryDelta{index, static_cast<int>(part), reasoning.summary[part]});
  if (!reasoning.text.empty()) out.emplace_back(Delta{index, reasoning.text});
  if (reasoning.opaque) out.emplace_back(Sealed{index, *reasoning.opaque});
  out.emplace_back(BlockEnd{index++});
}

void unfold_call(const ToolCall& call, int& index, std::vector<Event>& out) {
  out.emplace_back(BlockStart{index, BlockKind::tool_call, call.id, call.kind, call.call_id,
                              call.name, call.space});
  if (!call.input.empty()) out.emplace_back(Delta{index, call.input});
  if (call.opaque) out.emplace_back(Sealed{index, *call.opaque});
  out.emplace_back(BlockEnd{index++});
}

}  // namespace

Fold::Open* Fold::find(int index) {
  // From the back: the block written to is nearly always the newest.
  const auto open = std::find_if(open_.rbegin(), open_.rend(),
                                 [index](const Open& block) { return block.index == index; });
  return open == open_.rend() ? nullptr : &*open;
}

void Fold::start(const BlockStart& block) {
  std::erase_if(open_, [&](const Open& open) { return open.index == block.index; });
  auto& items = answer_.items;
  if (block.kind == BlockKind::text || block.kind == BlockKind::refusal) {
    Part part;
    if (block.kind == BlockKind::refusal) part.value = Refusal{};
    auto* last = items.empty() ? nullptr : std::get_if<Message>(&items.back().value);
    if (!last || last->id != block.id || last->phase != block.phase) {
      items.push_back({Message{Role::assistant, {}, block.id, block.phase}});
      last = &std::get<Message>(items.back().value);
    }
    last->parts.push_back(std::move(part));
    open_.push_back({block.index, items.size() - 1, last->parts.size() - 1});
    return;
  }
  if (block.kind == BlockKind::reasoning) {
    Reasoning reasoning;
    reasoning.id = block.id;
    items.push_back({std::move(reasoning)});
  } else {
    items.push_back({ToolCall{block.tool, block.call_id, block.name, block.space, {}, block.id}});
  }
  open_.push_back({block.index, items.size() - 1});
}

void Fold::add(const Event& event) {
  if (finished_ || failure_) return;
  auto& items = answer_.items;
  const Match match{
      [&](const Started& started) {
        answer_.id = started.id;
        answer_.model = started.model;
      },
      [&](const BlockStart& block) { start(block); },
      [&](const Delta& delta) {
        const Open* open = find(delta.index);
        if (!open) return;
        auto& item = items[open->item].value;
        if (auto* message = std::get_if<Message>(&item))
          *text_of(message->parts[open->content]) += delta.text;
        else if (auto* reasoning = std::get_if<Reasoning>(&item))
          reasoning->text += delta.text;
        else if (auto* call = std::get_if<ToolCall>(&item))
          call->input += delta.text;
      },
      [&](const SummaryDelta& delta) {
        Open* open = find(delta.index);
        if (!open) return;
        auto* reasoning = std::get_if<Reasoning>(&items[open->item].value);
        if (!reasoning) return;
        // The number itself is not trusted: it only says where one part ends and the next begins.
        if (open->part != delta.part) reasoning->summary.emplace_back();
        open->part = delta.part;
        reasoning->summary.back() += delta.text;
      },
      [&](const Sealed& sealed) {
        const Open* open = find(sealed.index);
        if (!open) return;
        auto& item = items[open->item].value;
        if (auto* reasoning = std::get_if<Reasoning>(&item)) {
          reasoning->opaque = sealed.opaque;
        } else if (auto* call = std::get_if<ToolCall>(&item)) {
          call->opaque = sealed.opaque;
        } else {
          // A message has no place for it; an item of its own keeps it.
          Reasoning holder;
          holder.opaque = sealed.opaque;
          items.push_back({std::move(holder)});
        }
      },
      [&](const BlockEnd& end) {
        std::erase_if(open_, [&](const Open& open) { return open.index == end.index; });
      },
      [&](const Finished& finished) {
        answer_.finish = finished.reason;
        answer_.usage = finished.usage;
        answer_.stop_sequence = finished.stop_sequence;
        answer_.losses = finished.losses;
        finished_ = true;
      },
      [&](const Failed& failed) { failure_ = failed.failure; },
  };
  std::visit(match, event);
}

Answer Fold::take() {
  open_.clear();
  if (failure_) return {};
  return std::exchange(answer_, {});
}

std::vector<Event> unfold(const Answer& answer) {
  std::vector<Event> out;
  out.emplace_back(Started{answer.id, answer.model});
  int index = 0;
  for (const Item& item : answer.items) {
    if (const auto* message = std::get_if<Message>(&item.value))
      unfold_message(*message, index, out);
    else if (const auto* reasoning = std::get_if<Reasoning>(&item.value))
      unfold_reasoning(*reasoning, index, out);
    else if (const auto* call = std::get_if<ToolCall>(&item.value))
      unfold_call(*call, index, out);
  }
  out.emplace_back(Finished{answer.finish, answer.usage, answer.losses, answer.stop_sequence});
  return out;
}

}  // namespace tpool::ir
