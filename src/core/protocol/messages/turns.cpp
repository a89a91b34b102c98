#include "core/protocol/messages/turns.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "core/protocol/fields.hpp"
#include "core/protocol/messages/blocks.hpp"
#include "core/protocol/messages/request.hpp"
#include "core/protocol/rounds.hpp"
#include "core/protocol/said_in_words.hpp"

namespace tpool::protocol::messages {

namespace {

using Action = ir::Loss::Action;

std::string cleaned(const std::string& id) {
  std::string out = id;
  for (char& c : out) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '_' || c == '-';
    if (!plain) c = '_';
  }
  return out;
}

std::optional<std::string> mark_of(const ir::Item& item) {
  for (const ir::Extra& extra : item.extras) {
    if (extra.protocol == own && extra.name == "cache_control") return extra.json;
  }
  return {};
}

class Builder {
 public:
  Builder(const ir::Request& request, const Target& target, Encoded& encoded)
      : request_(request),
        target_(target),
        encoded_(encoded),
        make_{target, encoded},
        match_(match_results(request.items)) {}

  Turns build() {
    std::size_t at = 0;
    for (; at < request_.items.size(); ++at) {
      const auto* message = std::get_if<ir::Message>(&request_.items[at].value);
      if (message == nullptr || !is_system(*message)) break;
      count_foreign_extras(request_.items[at].extras, own, encoded_.losses);
      make_.add_parts(message->parts, out_.system);
    }
    // Only words fit there.
    std::erase_if(out_.system, [&](const Block& block) {
      const bool words = block.kind == Block::Kind::text;
      if (!words) make_.lose("content", Action::dropped);
      return !words;
    });
    for (; at < request_.items.size(); ++at) add_item(request_.items[at], at);
    answer_calls();
    settle();
    return std::move(out_);
  }

 private:
  static bool is_system(const ir::Message& message) {
    return message.role == ir::Role::system || message.role == ir::Role::developer;
  }

  std::vector<Block>& blocks_of(ir::Role role) {
    auto& turns = out_.turns;
    if (turns.empty() || turns.back().role != role) turns.push_back({role});
    return turns.back().blocks;
  }

  void add_item(const ir::Item& item, std::size_t at) {
    if (const auto* message = std::get_if<ir::Message>(&item.value)) {
      count_foreign_extras(item.extras, own, encoded_.losses);
      add_message(*message);
    } else if (const auto* reasoning = std::get_if<ir::Reasoning>(&item.value)) {
      if (auto block = make_.thinking(*reasoning, at)) {
        blocks_of(ir::Role::assistant).push_back(std::move(*block));
      }
    } else if (const auto* call = std::get_if<ir::ToolCall>(&item.value)) {
      add_call(*call, item, at);
    } else if (const auto* result = std::get_if<ir::ToolResult>(&item.value)) {
      answer_calls();
      if (match_[at] == no_match) add_orphan(*result, at);
    } else if (const auto* unknown = std::get_if<ir::Unknown>(&item.value)) {
      if (unknown->protocol == own) {
        const bool user = unknown->type == "container_upload";
        blocks_of(user ? ir::Role::user : ir::Role::assistant)
            .push_back({Block::Kind::other, unknown->json});
      } else {
        lose_named(encoded_.losses, "items.", unknown->type,
                   unknown->vital ? Action::refused : Action::dropped,
                   "item " + std::to_string(at));
      }
    }
  }

  void add_message(const ir::Message& message) {
    if (message.role == ir::Role::assistant) {
      make_.add_parts(message.parts, blocks_of(ir::Role::assistant));
      return;
    }
    answer_calls();
    if (message.role == ir::Role::user) {
      make_.add_parts(message.parts, blocks_of(ir::Role::user));
      return;
    }
    // The role is only known right after a user turn.
    const bool after_user = !out_.turns.empty() && out_.turns.back().role == ir::Role::user;
    if (target_.dialect.system_messages && after_user) {
      make_.add_parts(message.parts, blocks_of(ir::Role::system));
      return;
    }
    const std::string words = make_.words_of(message.parts);
    if (is_blank(words)) return;
    make_.lose("messages.system", Action::approximated);
    blocks_of(ir::Role::user).push_back(text_block("<system>\n" + words + "\n</system>"));
  }

  void add_call(const ir::ToolCall& call, const ir::Item& item, std::size_t at) {
    const std::string id = wire_id(cleaned(call.call_id), ids_, target_.dialect.tool_id_length);
    ids_.insert(id);
    Block block = make_.call(call, id);
    block.mark = mark_of(item);
    blocks_of(ir::Role::assistant).push_back(std::move(block));
    open_.push_back({at, id});
    out_.called = true;
  }

  // The results of all calls of the reply that has just ended, in call order.
  void answer_calls() {
    if (open_.empty()) return;
    auto& blocks = blocks_of(ir::Role::user);
    for (const auto& [at, id] : open_) {
      if (match_[at] == no_match) {
        make_.lose("items.tool_result", Action::approximated, at);
        ir::ToolResult none{ir::ToolKind::function, id, {{ir::Text{std::string(no_result)}}}};
        blocks.push_back(make_.result(none, id));
        continue;
      }
      const ir::Item& item = request_.items[match_[at]];
      Block block = make_.result(std::get<ir::ToolResult>(item.value), id);
      if (auto mark = mark_of(item)) block.mark = std::move(mark);
      blocks.push_back(std::move(block));
    }
    open_.clear();
  }

  void add_orphan(const ir::ToolResult& result, std::size_t at) {
    make_.lose("items.tool_result", Action::approximated, at);
    auto& blocks = blocks_of(ir::Role::user);
    blocks.push_back(text_block(orphan_heading(result)));
    make_.add_parts(result.parts, blocks);
  }

  // Drops empty turns, joins what then stands side by side, and sees to both ends.
  void settle() {
    std::vector<Turn> turns;
    for (Turn& turn : out_.turns) {
      if (turn.blocks.empty()) continue;
      if (!turns.empty() && turns.back().role == turn.role) {
        auto& into = turns.back().blocks;
        std::move(turn.blocks.begin(), turn.blocks.end(), std::back_inserter(into));
      } else {
        turns.push_back(std::move(turn));
      }
    }
    if (turns.empty() || turns.front().role == ir::Role::assistant) {
      if (!turns.empty()) make_.lose("messages.first", Action::approximated);
      turns.insert(turns.begin(), Turn{ir::Role::user, {text_block("(The conversation begins.)")}});
    }
    if (turns.back().role == ir::Role::assistant && !target_.dialect.prefill) {
      make_.lose("messages.prefill", Action::approximated);
      turns.push_back({ir::Role::user, {text_block("Continue.")}});
    }
    out_.turns = std::move(turns);
    out_.can_think = can_think();
  }

  bool can_think() const {
    // The round in progress begins after the last turn in which the user said something.
    std::size_t start = 0;
    for (std::size_t i = 0; i < out_.turns.size(); ++i) {
      const Turn& turn = out_.turns[i];
      const bool said = std::any_of(turn.blocks.begin(), turn.blocks.end(), [](const Block& block) {
        return block.kind == Block::Kind::text || block.kind == Block::Kind::other;
      });
      const bool results = std::any_of(turn.blocks.begin(), turn.blocks.end(), [](const Block& b) {
        return b.kind == Block::Kind::result;
      });
      if (turn.role != ir::Role::assistant && said && !results) start = i;
    }
    for (std::size_t i = start; i < out_.turns.size(); ++i) {
      if (out_.turns[i].role != ir::Role::assistant) continue;
      return out_.turns[i].blocks.front().kind == Block::Kind::thinking;
    }
    return true;
  }

  struct Open {
    std::size_t item;
    std::string id;
  };

  const ir::Request& request_;
  const Target& target_;
  Encoded& encoded_;
  BlockMaker make_;
  std::vector<std::size_t> match_;
  std::unordered_set<std::string> ids_;  // of the whole request: they must differ
  std::vector<Open> open_;               // calls of the reply being gathered
  Turns out_;
};

bool may_carry(const Block& block) { return block.kind != Block::Kind::thinking; }

void mark_last(std::vector<Block>& blocks) {
  const auto last = std::find_if(blocks.rbegin(), blocks.rend(), may_carry);
  if (last != blocks.rend()) last->mark = short_lived;
}

}  // namespace

Turns make_turns(const ir::Request& request, const Target& target, Encoded& encoded) {
  return Builder(request, target, encoded).build();
}

bool place_breakpoints(Turns& turns, int marked_before, std::vector<ir::Loss>& losses) {
  std::vector<Block*> marked;
  const auto drop = [&](Block& block) {
    block.mark.reset();
    ir::add_loss(losses, "cache_control", Action::dropped);
  };
  const auto gather = [&](std::vector<Block>& blocks) {
    for (Block& block : blocks) {
      if (!block.mark) continue;
      if (may_carry(block)) {
        marked.push_back(&block);
      } else {
        drop(block);
      }
    }
  };
  gather(turns.system);
  for (Turn& turn : turns.turns) gather(turn.blocks);
  if (marked.empty() && marked_before == 0) {
    mark_last(turns.system);
    int left = 2;
    for (auto turn = turns.turns.rbegin(); turn != turns.turns.rend() && left > 0; ++turn) {
      if (turn->role != ir::Role::user) continue;
      mark_last(turn->blocks);
      --left;
    }
    return true;
  }
  const auto room = static_cast<std::size_t>(std::max(0, most_breakpoints - marked_before));
  for (std::size_t i = 0; i + room < marked.size(); ++i) drop(*marked[i]);
  return false;
}

void write_marked(json::Writer& writer, const std::string& object,
                  const std::optional<std::string>& mark) {
  if (!mark) {
    writer.raw(object);
    return;
  }
  std::string text(object, 0, object.size() - 1);
  text += ",\"cache_control\":";
  text += *mark;
  text += '}';
  writer.raw(text);
}

}  // namespace tpool::protocol::messages
