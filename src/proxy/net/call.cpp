#include "proxy/net/call.hpp"

#include <algorithm>
#include <array>

namespace tpool::net {

Got Call::broken(std::string what) {
  problem_ = std::move(what);
  return Got::broken;
}

bool Call::reuse() {
  stream_ = connections_.take_idle(origin_, alarm_);
  reused_ = stream_ != nullptr;
  return reused_;
}

Task<std::optional<ir::Failure>> Call::connect(Milliseconds limit) {
  auto made = co_await connections_.connect(origin_, alarm_, limit);
  if (auto* failure = std::get_if<ir::Failure>(&made)) co_return std::move(*failure);
  stream_ = std::move(std::get<std::unique_ptr<Stream>>(made));
  co_return std::nullopt;
}

Task<Got> Call::send(std::string_view head, std::span<const std::string_view> body) {
  std::array<iovec, 8> few;
  std::vector<iovec> many(body.size() < few.size() ? 0 : body.size() + 1);
  auto left = many.empty() ? std::span(few).first(body.size() + 1) : std::span(many);
  left[0] = piece(head);
  std::ranges::transform(body, left.begin() + 1, piece);
  co_await stream_->turn();
  // Mostly all of it goes at once, without a coroutine that could wait.
  const auto moved = stream_->write_now(left);
  if (moved.how == Moved::How::done) left = advance(left, moved.bytes);
  if (moved.how == Moved::How::failed || left.empty()) co_return sent(moved);
  unsent_.assign(left.begin(), left.end());
  co_return co_await send_rest();
}

Task<Got> Call::send_rest() {
  const std::span<iovec> rest(unsent_);
  const auto moved = co_await stream_->write(rest);
  co_return sent(moved);
}

Got Call::sent(const Moved& moved) {
  if (moved.how == Moved::How::would_block) return Got::woken;
  std::vector<iovec>().swap(unsent_);
  if (moved.how == Moved::How::done) return Got::ready;
  // Who refuses a request early answers, and closes with the rest unread.
  unsent_why_ = "the connection broke while the request was sent: " + describe_errno(moved.error);
  return Got::ready;
}

void Call::give_back() {
  if (surplus_ || !unsent_why_.empty() || !head_.keep_alive || framing_ == Framing::until_end)
    return;
  connections_.give(origin_, std::move(stream_));
}

Task<Got> Call::read_head() {
  for (;;) {
    if (const auto end = find_head_end(early_, 0)) {
      head_.raw.assign(early_, 0, end);
      early_.erase(0, end);
      if (auto parsed = parse_answer(head_); !parsed) co_return broken(parsed.error().message);
      if (head_.status == 101) co_return broken("it switched protocols unasked");
      if (head_.status / 100 == 1) {
        if (++interim_ > 8) co_return broken("it sent one interim answer after another");
        continue;
      }
      break;
    }
    if (early_.size() > max_head) co_return broken("the head of its answer does not end");
    co_await stream_->readable();
    const auto space = scratch();
    const auto moved = stream_->read_now(space);
    if (moved.how == Moved::How::would_block) {
      if (stream_->woken()) co_return Got::woken;
      continue;
    }
    if (moved.how != Moved::How::done && !unsent_why_.empty()) co_return broken(unsent_why_);
    if (moved.how == Moved::How::end)
      co_return broken("it closed the connection without an answer");
    if (moved.how == Moved::How::failed) co_return broken(describe_errno(moved.error));
    any_byte_ = true;
    early_.append(space.data(), moved.bytes);
  }
  if (head_.status == 204 || head_.status == 304) {
    finished_ = true;
  } else if (head_.chunked) {
    framing_ = Framing::chunks;
    chunks_.emplace();
  } else if (head_.length) {
    framing_ = Framing::length;
    left_ = *head_.length;
    finished_ = left_ == 0;
  } else {
    framing_ = Framing::until_end;
  }
  if (finished_) {
    surplus_ = !early_.empty();
    give_back();
  }
  co_return Got::ready;
}

void Call::drop_head_text() {
  std::vector<Field>().swap(head_.fields);
  std::string().swap(head_.raw);
}

// What of `bytes` is content; sets finished_ when the answer is complete.
Got Call::take(std::string_view bytes, std::vector<std::string_view>& data) {
  const auto before = data.size();
  if (framing_ == Framing::length) {
    const auto mine = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size()));
    if (mine) data.push_back(bytes.substr(0, mine));
    left_ -= mine;
    finished_ = left_ == 0;
    surplus_ = mine < bytes.size();
  } else if (framing_ == Framing::chunks) {
    const auto used = chunks_->feed(bytes, data);
    if (!used) return broken(used.error().message);
    finished_ = chunks_->done();
    surplus_ = *used < bytes.size();
  } else if (!bytes.empty()) {
    data.push_back(bytes);
  }
  if (finished_) give_back();
  return data.size() > before ? Got::ready : finished_ ? Got::end : Got::woken;
}

Task<Got> Call::read_body(std::vector<std::string_view>& data) {
  data.clear();
  // Streams fall silent for long: nothing that is done with stays allocated.
  if (early_view_.capacity()) std::string().swap(early_view_);
  if (finished_) co_return Got::end;
  if (!early_.empty()) {
    early_view_ = std::move(early_);
    early_.clear();
    const auto got = take(early_view_, data);
    if (got != Got::woken) co_return got;
  }
  for (;;) {
    co_await stream_->readable();
    const auto space = scratch();
    const auto moved = stream_->read_now(space);
    if (moved.how == Moved::How::would_block) {
      if (stream_->woken()) co_return Got::woken;
      continue;
    }
    if (moved.how == Moved::How::end) {
      if (framing_ != Framing::until_end)
        co_return broken("it closed the connection in the middle");
      finished_ = true;
      co_return Got::end;
    }
    if (moved.how == Moved::How::failed) co_return broken(describe_errno(moved.error));
    any_byte_ = true;
    // Framing alone is not content: go on waiting.
    const auto got = take(std::string_view(space.data(), moved.bytes), data);
    if (got != Got::woken) co_return got;
  }
}

}  // namespace tpool::net
