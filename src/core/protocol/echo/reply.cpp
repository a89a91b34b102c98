#include "core/protocol/echo/reply.hpp"

#include <algorithm>

#include "core/protocol/echo/sample.hpp"

namespace tpool::protocol::echo {
namespace {

// How much of somebody's words is said again.
constexpr std::size_t max_said = 4096;
constexpr std::size_t max_result = 400;
constexpr std::size_t max_results = 32;
constexpr std::size_t input_piece = 16;

// At most `length` bytes from `at`, ending between code points.
std::string_view piece_of(std::string_view text, std::size_t at, std::size_t length) {
  std::size_t end = std::min(at + length, text.size());
  while (end < text.size() && end > at + 1 &&
         (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
    --end;
  return text.substr(at, end - at);
}

std::string quoted(std::string_view text, std::size_t most) {
  const std::string_view shown = piece_of(text, 0, most);
  if (shown.size() == text.size()) return std::string(text);
  return std::string(shown) + "... (" + std::to_string(text.size()) + " bytes)";
}

std::string counted(std::size_t count, const char* word) {
  return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

const ir::Tool* find_tool(const ir::Request& request, std::string_view written) {
  for (const ir::Tool& tool : request.tools) {
    if (tool.kind == ir::ToolKind::hosted) continue;
    if (tool.space.empty() ? tool.name == written : tool.space + "/" + tool.name == written)
      return &tool;
  }
  return nullptr;
}

std::string text_of(const std::vector<ir::Part>& parts) {
  std::string out;
  for (const ir::Part& part : parts)
    if (const auto* text = std::get_if<ir::Text>(&part.value)) {
      if (!out.empty()) out += '\n';
      out += text->text;
    }
  return out;
}

std::size_t images_of(const std::vector<ir::Part>& parts) {
  return static_cast<std::size_t>(std::count_if(
      parts.begin(), parts.end(),
      [](const ir::Part& part) { return std::holds_alternative<ir::Image>(part.value); }));
}

std::int64_t tokens(std::size_t bytes) { return static_cast<std::int64_t>((bytes + 3) / 4); }

std::size_t size_of(const std::vector<ir::Part>& parts) {
  std::size_t bytes = 0;
  for (const ir::Part& part : parts) {
    if (const auto* text = std::get_if<ir::Text>(&part.value)) bytes += text->text.size();
    if (const auto* refusal = std::get_if<ir::Refusal>(&part.value)) bytes += refusal->text.size();
    if (const auto* image = std::get_if<ir::Image>(&part.value)) bytes += image->url.size();
    if (const auto* file = std::get_if<ir::File>(&part.value)) bytes += file->url.size();
    if (const auto* audio = std::get_if<ir::Audio>(&part.value)) bytes += audio->data.size();
  }
  return bytes;
}

std::size_t size_of(const ir::Request& request) {
  std::size_t bytes = 0;
  for (const ir::Item& item : request.items) {
    if (const auto* message = std::get_if<ir::Message>(&item.value))
      bytes += size_of(message->parts);
    else if (const auto* result = std::get_if<ir::ToolResult>(&item.value))
      bytes += size_of(result->parts);
    else if (const auto* call = std::get_if<ir::ToolCall>(&item.value))
      bytes += call->name.size() + call->input.size();
    else if (const auto* unknown = std::get_if<ir::Unknown>(&item.value))
      bytes += unknown->json.size();
    else if (const auto* reasoning = std::get_if<ir::Reasoning>(&item.value))
      for (const std::string& part : reasoning->summary) bytes += part.size();
  }
  for (const ir::Tool& tool : request.tools)
    bytes += tool.name.size() + tool.description.size() + tool.schema.size();
  return bytes;
}

std::string results_text(const ir::Request& request, const Turn& turn) {
  std::string out = "The tools answered:";
  for (std::size_t i = 0; i < turn.results.size(); ++i) {
    if (i == max_results)
      return out + "\n- and " + std::to_string(turn.results.size() - i) + " more";
    const ir::ToolResult& result = *turn.results[i];
    std::string name = "a tool";
    for (const ir::Item& item : request.items)
      if (const auto* call = std::get_if<ir::ToolCall>(&item.value))
        if (call->call_id == result.call_id) name = call->name;
    out += "\n- " + name + " (" + result.call_id + ")" + (result.failed ? " failed: " : ": ") +
           quoted(text_of(result.parts), max_result);
    if (const std::size_t images = images_of(result.parts))
      out += " [" + counted(images, "image") + "]";
  }
  return out;
}

std::string said_text(const ir::Request& request, const Turn& turn, const Markers& markers) {
  std::string out =
      markers.text.empty() ? "You said nothing." : "You said: " + quoted(markers.text, max_said);
  if (turn.images) out += " [" + counted(turn.images, "image") + "]";
  return out + "\nThe request held " + counted(request.items.size(), "item") + " and " +
         counted(request.tools.size(), "tool") + ".";
}

// The answer in words, and what could not be called.
std::string answer_text(const ir::Request& request, const Turn& turn, const Markers& markers) {
  if (markers.tokens) {
    std::string out;
    for (int i = 0; i < *markers.tokens; ++i) out += i == 0 ? "word" : " word";
    return out;
  }
  if (!turn.results.empty()) return results_text(request, turn);
  for (const CallMarker& call : markers.calls)
    if (!find_tool(request, call.tool))
      return "There is no tool called " + quoted(call.tool, 100) + ".";
  using Kind = ir::Format::Kind;
  if (request.format.kind != Kind::text)
    return sample(request.format.kind == Kind::json_schema ? request.format.schema : "",
                  quoted(markers.text, 60));
  return said_text(request, turn, markers);
}

std::string reason_text(const ir::Request& request, const Markers& markers) {
  if (markers.reason) return *markers.reason;
  const bool reasoner = request.model.ends_with("echo-reasoner") && request.effort != "none";
  if (!reasoner && (request.effort.empty() || request.effort == "none")) return {};
  return "Thinking about " + counted(request.items.size(), "item") +
         (request.effort.empty() ? "." : " with effort " + quoted(request.effort, 40) + ".");
}

// Collects events and counts what they cost.
class Reply {
 public:
  explicit Reply(const ir::Request& request) : request_(request) {
    out_.push_back(ir::Started{id("resp", 0), request.model});
  }

  void reason(std::string_view text) {
    start(ir::BlockKind::reasoning, "rs");
    in_words(text, [&](std::string word) {
      out_.push_back(ir::SummaryDelta{index_, 0, std::move(word)});
    });
    end(text.size());
    usage_.reasoning += tokens(text.size());
  }

  void say(std::string_view text) {
    if (request_.max_output) {
      const auto left = std::max<std::int64_t>(*request_.max_output - usage_.output, 1);
      if (tokens(text.size()) > left) {
        text = piece_of(text, 0, static_cast<std::size_t>(left) * 4);
        finish_ = ir::Finish::length;
      }
    }
    start(ir::BlockKind::text, "msg");
    in_words(text, [&](std::string word) { out_.push_back(ir::Delta{index_, std::move(word)}); });
    end(text.size());
  }

  void call(const ir::Tool& tool, const CallMarker& marker) {
    ir::BlockStart block;
    block.index = index_;
    block.kind = ir::BlockKind::tool_call;
    block.id = id("fc", index_);
    block.tool = tool.kind;
    block.call_id = id("call", index_);
    block.name = tool.name;
    block.space = tool.space;
    out_.push_back(std::move(block));
    const bool no_arguments = marker.input.empty() && tool.kind == ir::ToolKind::function;
    const std::string_view input = no_arguments ? std::string_view("{}") : marker.input;
    for (std::size_t at = 0; at < input.size();) {
      const std::string_view piece = piece_of(input, at, input_piece);
      out_.push_back(ir::Delta{index_, std::string(piece)});
      at += piece.size();
    }
    end(input.size());
    finish_ = ir::Finish::tool_calls;
  }

  std::vector<ir::Event> take() {
    usage_.input = tokens(size_of(request_));
    out_.push_back(ir::Finished{finish_, usage_});
    return std::move(out_);
  }

 private:
  // Unique in a conversation: a later turn has more items.
  std::string id(const char* prefix, int index) const {
    return std::string(prefix) + "_echo_" + std::to_string(request_.items.size()) + "_" +
           std::to_string(index);
  }
  void start(ir::BlockKind kind, const char* prefix) {
    ir::BlockStart block;
    block.index = index_;
    block.kind = kind;
    block.id = id(prefix, index_);
    out_.push_back(std::move(block));
  }
  void end(std::size_t bytes) {
    out_.push_back(ir::BlockEnd{index_++});
    usage_.output += tokens(bytes);
  }
  // A word and the space after it at a time; a word without an end in pieces of 256 bytes.
  template <class Emit>
  static void in_words(std::string_view text, Emit emit) {
    for (std::size_t at = 0; at < text.size();) {
      std::string_view word = piece_of(text, at, 256);
      if (const std::size_t space = word.find(' '); space != std::string_view::npos)
        word = word.substr(0, space + 1);
      emit(std::string(word));
      at += word.size();
    }
  }

  const ir::Request& request_;
  std::vector<ir::Event> out_;
  ir::Usage usage_;
  ir::Finish finish_ = ir::Finish::stop;
  int index_ = 0;
};

}  // namespace

Turn last_turn(const ir::Request& request) {
  Turn turn;
  for (auto item = request.items.rbegin(); item != request.items.rend(); ++item) {
    if (const auto* result = std::get_if<ir::ToolResult>(&item->value))
      turn.results.push_back(result);
    const auto* message = std::get_if<ir::Message>(&item->value);
    if (!message || message->role != ir::Role::user) continue;
    turn.said = text_of(message->parts);
    turn.images = images_of(message->parts);
    break;
  }
  std::reverse(turn.results.begin(), turn.results.end());
  return turn;
}

std::vector<ir::Event> reply(const ir::Request& request, const Turn& turn, const Markers& markers) {
  Reply out(request);
  if (const std::string reason = reason_text(request, markers); !reason.empty()) out.reason(reason);
  std::vector<const ir::Tool*> tools;
  for (const CallMarker& call : markers.calls)
    if (const ir::Tool* tool = find_tool(request, call.tool)) tools.push_back(tool);
  const bool calls = turn.results.empty() && !tools.empty() && tools.size() == markers.calls.size();
  if (calls) {
    for (std::size_t i = 0; i < tools.size(); ++i) out.call(*tools[i], markers.calls[i]);
  } else {
    out.say(answer_text(request, turn, markers));
  }
  return out.take();
}

}  // namespace tpool::protocol::echo
