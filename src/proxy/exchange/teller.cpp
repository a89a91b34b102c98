#include "proxy/exchange/teller.hpp"

#include "proxy/exchange/attempt.hpp"

namespace tpool::exchange {
namespace {

bool is_content(const ir::Event& event) {
  if (const auto* delta = std::get_if<ir::Delta>(&event)) return !delta->text.empty();
  if (const auto* delta = std::get_if<ir::SummaryDelta>(&event)) return !delta->text.empty();
  if (const auto* block = std::get_if<ir::BlockStart>(&event))
    return block->kind == ir::BlockKind::tool_call;
  return false;
}

std::size_t size_of(const ir::Event& event) {
  if (const auto* delta = std::get_if<ir::Delta>(&event)) return delta->text.size();
  if (const auto* delta = std::get_if<ir::SummaryDelta>(&event)) return delta->text.size();
  return 0;
}

}  // namespace

net::Task<std::optional<ir::Failure>> Teller::tell(std::span<const ir::Event> events) {
  const bool stream = exchange_.answer.stream();
  for (const auto& event : events) {
    if (ended_) break;
    if (const auto* failed = std::get_if<ir::Failed>(&event)) {
      // What came before the failure goes out first; the caller says the failure.
      if (content_) co_await flush(false);
      co_return failed->failure;
    }
    content_ = content_ || is_content(event);
    if (const auto* finished = std::get_if<ir::Finished>(&event)) {
      exchange_.record.usage = finished->usage;
      ir::add_losses(exchange_.record.losses, finished->losses);
      ended_ = true;
    }
    // The client's protocol may repeat all of it at the end.
    told_ += size_of(event);
    if (told_ > most_whole_body)
      co_return failure(ir::Failure::Kind::garbage, "its answer is larger than 32 MiB");
    if (stream)
      write(event);
    else
      fold_.add(event);
  }
  if (!content_ && wire_.size() > most_held_back)
    co_return failure(ir::Failure::Kind::garbage, "it sends and sends, and nothing of an answer");
  if (content_ || ended_) co_await flush(ended_);
  if (exchange_.answer.client_gone()) co_return client_left();
  co_return std::nullopt;
}

void Teller::write(const ir::Event& event) {
  if (!content_ && !ended_) {
    held_.push_back(event);
    return;
  }
  auto& encoder = exchange_.answer.encoder();
  for (const auto& one : held_) encoder.write(one, wire_);
  held_.clear();
  encoder.write(event, wire_);
}

net::Task<> Teller::flush(bool last) {
  auto& answer = exchange_.answer;
  if (answer.stream()) {
    commit(exchange_, step_);
    if (wire_.empty() && !last) co_return;
    co_await answer.pass(wire_, last);
    wire_.clear();
    co_return;
  }
  if (!last) co_return;
  commit(exchange_, step_);
  const auto whole = fold_.take();
  const auto body = answer.codec().encode_answer(whole, answer.context());
  const std::string_view text = body;
  const std::span<const std::string_view> pieces(&text, 1);
  co_await answer.whole(200, pieces);
}

}  // namespace tpool::exchange
