#include "core/protocol/answer_decoder.hpp"

#include <utility>

#include "core/protocol/openai_error.hpp"
#include "core/protocol/provider_json.hpp"

namespace tpool::protocol {

namespace {

using Kind = ir::Failure::Kind;

ir::Failure garbage(std::string_view what, std::string_view text = {}) {
  return {Kind::garbage, 0, std::string(what) + short_text(text.substr(0, 120))};
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \n") - first + 1);
}

}  // namespace

void AnswerDecoder::feed(const SseEvent& event, std::vector<ir::Event>& out) {
  if (done_) return;
  const std::string_view data = trimmed(event.data);
  if (data.empty()) return;
  if (data == "[DONE]") return take_done(out);
  if (take_unread(event, out)) return;
  const auto document = parse_provider_json(data);
  if (document) {
    take_event(event, document->root(), out);
  } else {
    fail(garbage("the provider sent an event that is not JSON: ", data), out);
  }
}

void AnswerDecoder::end(std::vector<ir::Event>& out) {
  if (!done_) take_end(out);
}

void AnswerDecoder::take_whole(std::string_view body, std::vector<ir::Event>& out) {
  const auto document = parse_provider_json(body);
  if (document) {
    take_answer(document->root(), out);
    end(out);
  } else {
    fail(garbage("the provider's answer is not JSON: ", body), out);
  }
}

bool AnswerDecoder::readable(json::Value root, std::vector<ir::Event>& out) {
  if (done_) return false;
  if (root.is_object()) return true;
  fail(garbage("the provider sent an event that is not an object"), out);
  return false;
}

bool AnswerDecoder::start(std::string_view id, std::string_view model,
                          std::vector<ir::Event>& out) {
  // A start behind the first block comes too late to be told.
  if (started_ || next_block_ > 0) return false;
  started_ = true;
  out.emplace_back(ir::Started{std::string(id), std::string(model)});
  return true;
}

int AnswerDecoder::open_block(ir::BlockKind kind, std::vector<ir::Event>& out) {
  ir::BlockStart block;
  block.index = next_block_++;
  block.kind = kind;
  out.emplace_back(std::move(block));
  return next_block_ - 1;
}

void AnswerDecoder::close_block(int& index, std::vector<ir::Event>& out) {
  if (index < 0) return;
  out.emplace_back(ir::BlockEnd{index});
  index = -1;
}

void AnswerDecoder::finish(ir::Finished finished, std::vector<ir::Event>& out) {
  done_ = true;
  out.emplace_back(std::move(finished));
}

void AnswerDecoder::fail(ir::Failure failure, std::vector<ir::Event>& out) {
  if (done_) return;
  done_ = true;
  out.emplace_back(ir::Failed{std::move(failure)});
}

void AnswerDecoder::fail_overfull(std::vector<ir::Event>& out) {
  fail(garbage("the answer has too many parts"), out);
}

}  // namespace tpool::protocol
