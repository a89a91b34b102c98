#include "proxy/net/reply.hpp"

#include <charconv>

namespace tpool::net {
namespace {

std::string_view hex(std::size_t number, std::span<char, 24> into) {
  auto end = std::to_chars(into.data(), into.data() + 20, number, 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  return {into.data(), static_cast<std::size_t>(end - into.data())};
}

void append_number(std::string& out, std::size_t number) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof text, number).ptr);
}

}  // namespace

void Reply::add(std::string_view name, std::string_view value) {
  if (fields_.empty()) fields_.reserve(256);
  fields_.append(name).append(": ").append(value).append("\r\n");
}

void Reply::write_head(int status, std::string_view type) {
  status_ = status;
  keep_alive_ = keep_alive_ && request_.keep_alive;
  head_.reserve(160 + fields_.size());
  head_.append("HTTP/1.1 ");
  append_number(head_, static_cast<std::size_t>(status));
  head_.append(" ").append(reason_phrase(status)).append("\r\n");
  if (!type.empty()) head_.append("content-type: ").append(type).append("\r\n");
  head_.append(fields_);
  if (!keep_alive_)
    head_.append("connection: close\r\n");
  else if (!request_.http11)
    head_.append("connection: keep-alive\r\n");
}

Task<> Reply::whole(int status, std::string_view type, std::string_view body) {
  co_await stream_->turn();
  whole_now(status, type, {&body, 1});
  if (!rest_.empty()) co_await write_rest();
}

Task<> Reply::whole(int status, std::string_view type, std::span<const std::string_view> body) {
  co_await stream_->turn();
  whole_now(status, type, body);
  if (!rest_.empty()) co_await write_rest();
}

void Reply::whole_now(int status, std::string_view type, std::span<const std::string_view> body) {
  if (begun_) return;
  begun_ = true;
  write_head(status, type);
  std::size_t size = 0;
  for (const auto part : body) size += part.size();
  if (status != 204 && status != 304) {
    head_.append("content-length: ");
    append_number(head_, size);
    head_.append("\r\n");
  }
  head_.append("\r\n");
  std::vector<iovec> pieces;
  pieces.reserve(body.size() + 1);
  pieces.push_back(piece(head_));
  if (request_.method != "HEAD")
    for (const auto part : body) pieces.push_back(piece(part));
  finished_ = true;
  write_now(pieces);
}

void Reply::begin(int status, std::string_view type) {
  if (begun_) return;
  begun_ = true;
  // A client that knows no chunks reads to the end of the connection.
  chunked_ = request_.http11;
  if (!chunked_) keep_alive_ = false;
  write_head(status, type);
  if (chunked_) head_.append("transfer-encoding: chunked\r\n");
  head_.append("\r\n");
}

Task<> Reply::send(std::string_view text, bool last) {
  send_now({&text, 1}, last);
  if (!rest_.empty()) co_await write_rest();
}

Task<> Reply::send(std::span<const std::string_view> body, bool last) {
  send_now(body, last);
  if (!rest_.empty()) co_await write_rest();
}

void Reply::send_now(std::span<const std::string_view> body, bool last) {
  if (!ok_ || finished_) return;
  std::size_t size = 0;
  for (const auto part : body) size += part.size();
  std::vector<iovec> pieces;
  pieces.reserve(body.size() + 4);
  if (!sent_) pieces.push_back(piece(head_));
  char number[24];
  if (size && chunked_) pieces.push_back(piece(hex(size, std::span<char, 24>(number))));
  if (size)
    for (const auto part : body) pieces.push_back(piece(part));
  if (chunked_) {
    if (size && last)
      pieces.push_back(piece("\r\n0\r\n\r\n"));
    else if (size)
      pieces.push_back(piece("\r\n"));
    else if (last)
      pieces.push_back(piece("0\r\n\r\n"));
  }
  finished_ = last;
  write_now(pieces);
}

void Reply::write_now(std::span<iovec> left) {
  while (!left.empty()) {
    const auto moved = stream_->write_now(left);
    if (moved.how == Moved::How::done) {
      sent_ = true;
      left = advance(left, moved.bytes);
      continue;
    }
    ok_ = moved.how == Moved::How::would_block;
    break;
  }
  // The views may die during the wait.
  if (ok_)
    for (const auto& part : left)
      rest_.append(static_cast<const char*>(part.iov_base), part.iov_len);
  // An assignment would keep the room.
  if (left.empty()) std::string().swap(head_);
}

Task<> Reply::write_rest() {
  std::string rest;
  rest.swap(rest_);
  // Whatever was set is about the provider. This only counts the client, which reads or is gone.
  const auto limit = patience_ + Milliseconds(rest.size() / 64);
  if (auto* alarm = stream_->alarm()) alarm->set(std::chrono::steady_clock::now() + limit);
  const auto moved = co_await stream_->write(rest);
  if (auto* alarm = stream_->alarm()) alarm->clear();
  if (moved.how == Moved::How::done)
    sent_ = true;
  else
    ok_ = false;
}

}  // namespace tpool::net
