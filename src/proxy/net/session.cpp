#include "proxy/net/session.hpp"

#include <sys/socket.h>

#include <algorithm>

#include "proxy/net/coding.hpp"
#include "proxy/net/websocket.hpp"

namespace tpool::net {
namespace {

// Reading goes on for a moment after an early refusal, so that the client sees the answer rather
// than a reset.
constexpr Milliseconds linger{2'000};
constexpr std::size_t first_read = std::size_t{16} << 10;
constexpr std::size_t linger_bytes = std::size_t{64} << 20;

// Allowed before a request (RFC 9112, section 2.2).
std::size_t empty_lines(std::string_view text) {
  std::size_t size = 0;
  while (text.substr(size).starts_with("\r\n")) size += 2;
  return size;
}

class Session {
 public:
  Session(std::unique_ptr<Stream> stream, Service& service, Alarms& alarms, SessionLimits limits,
          bool local_socket)
      : stream_(std::move(stream)),
        service_(service),
        alarms_(alarms),
        limits_(limits),
        local_socket_(local_socket) {
    stream_->use_alarm(&alarm_);
    stream_->tell_hangup(alarm_);
    alarms_.arm(alarm_);
  }

  Task<> run() {
    while (!service_.draining()) {
      Head head;
      const bool read = co_await read_head(head);
      if (!read) co_return;
      const bool go_on = co_await answer(head);
      if (!go_on) co_return;
    }
  }

 private:
  // The next head, in head.raw; false when the connection is over. Bytes beyond stay in rest_.
  Task<bool> read_head(Head& head) {
    std::size_t searched = 0;
    rest_.erase(0, empty_lines(rest_));
    bool first = rest_.empty();
    alarm_.idle(first);
    after(first ? limits_.keep_alive : limits_.head);
    for (;;) {
      const auto end = find_head_end(rest_, searched);
      if (end) {
        alarm_.idle(false);
        head.raw.assign(rest_, 0, end);
        rest_.erase(0, end);
        co_return true;
      }
      if (rest_.size() > max_head) {
        Refusal refusal{431, "the request head is larger than 64 KiB"};
        co_await refuse_unread(head, std::move(refusal));
        co_return false;
      }
      searched = rest_.size();
      // A head and a short body; a long body is read straight to where it stays.
      const auto space = scratch().first(first_read);
      co_await stream_->readable();
      const auto moved = stream_->read_now(space);
      if (moved.how == Moved::How::would_block) {
        if (!alarm_.rang() && !alarm_.gone()) continue;
        if (!rest_.empty() && alarm_.rang()) {
          Refusal refusal{408, "the request head did not arrive in time"};
          co_await refuse_unread(head, std::move(refusal));
        }
        co_return false;
      }
      if (moved.how != Moved::How::done) co_return false;
      if (first) after(limits_.head);
      first = false;
      alarm_.idle(false);
      std::string_view got(space.data(), moved.bytes);
      if (!rest_.empty()) {
        rest_.append(got);
        rest_.erase(0, empty_lines(rest_));
        continue;
      }
      got.remove_prefix(empty_lines(got));
      const auto whole = find_head_end(got, 0);
      head.raw.assign(got, 0, whole);
      rest_.assign(got, whole);
      if (whole) co_return true;
    }
  }

  Task<bool> answer(Head& head) {
    alarm_.clear();
    const auto parsed = parse_request(head);
    if (!parsed) {
      Refusal malformed{400, parsed.error().message};
      co_await refuse_unread(head, std::move(malformed));
      co_return false;
    }
    if (head.http11 && head.count("host") != 1) {
      Refusal hostless{400, "a request needs exactly one Host header"};
      co_await refuse_unread(head, std::move(hostless));
      co_return false;
    }
    auto refusal = service_.admit(head, local_socket_);
    if (refusal) {
      const bool bodyless = !head.chunked && head.length.value_or(0) == 0;
      if (!bodyless) {
        co_await refuse_unread(head, std::move(*refusal));
        co_return false;
      }
      Reply reply(*stream_, head, limits_.reader);
      if (!refusal->allow.empty()) reply.add("allow", refusal->allow);
      const auto text = service_.explain(head, *refusal);
      co_await reply.whole(refusal->status, "application/json", text);
      co_return reply.keep_alive();
    }
    if (service_.upgrades(head)) {
      co_await converse(head);
      co_return false;
    }
    Buffer body;
    refusal = co_await read_body(head, body);
    if (over_) co_return false;
    if (!refusal) refusal = undo_coding(head, body, max_body);
    if (refusal) {
      co_await refuse_unread(head, std::move(*refusal));
      co_return false;
    }
    rest_.shrink_to_fit();
    alarm_.clear();
    Inbound inbound{head, body.view(), alarm_, local_socket_};
    Reply reply(*stream_, head, limits_.reader);
    if (service_.draining()) reply.close_after();
    co_await service_.handle(inbound, reply);
    co_return reply.keep_alive() && !alarm_.gone();
  }

  Task<> converse(const Head& head) {
    const auto executor = co_await asio::this_coro::executor;
    WebSocket socket(executor, stream_->release(), alarm_);
    const bool accepted = co_await socket.accept(head);
    if (!accepted) co_return;
    co_await service_.converse(head, alarm_, socket);
    co_await socket.close();
  }

  Task<std::optional<Refusal>> read_body(const Head& head, Buffer& body) {
    if (!head.chunked && head.length.value_or(0) == 0) co_return std::nullopt;
    if (head.length.value_or(0) > max_body) co_return too_large();
    if (same_name(head.get("expect"), "100-continue")) {
      const auto moved = co_await stream_->write("HTTP/1.1 100 Continue\r\n\r\n");
      if (moved.how != Moved::How::done) over_ = true;
    }
    if (head.chunked) co_return co_await read_chunks(body);
    const auto length = static_cast<std::size_t>(*head.length);
    body = Buffer(length);
    const auto here = std::min(length, rest_.size());
    body.append(std::string_view(rest_).substr(0, here));
    rest_.erase(0, here);
    while (body.size() < length && !over_) {
      const auto space = body.room(length - body.size()).first(length - body.size());
      after(limits_.body_idle);
      const auto moved = co_await stream_->read(space);
      if (moved.how == Moved::How::done)
        body.wrote(moved.bytes);
      else if (moved.how == Moved::How::would_block && alarm_.rang())
        co_return Refusal{408, "the request body did not arrive in time"};
      else
        over_ = true;
    }
    co_return std::nullopt;
  }

  Task<std::optional<Refusal>> read_chunks(Buffer& body) {
    ChunkReader chunks;
    std::vector<std::string_view> data;
    std::string got = std::move(rest_);
    rest_.clear();
    for (;;) {
      data.clear();
      const auto used = chunks.feed(got, data);
      if (!used) co_return Refusal{400, used.error().message};
      for (const auto part : data) {
        if (body.size() + part.size() > max_body) co_return too_large();
        body.append(part);
      }
      if (chunks.done()) {
        rest_ = got.substr(*used);
        co_return std::nullopt;
      }
      after(limits_.body_idle);
      co_await stream_->readable();
      const auto space = scratch();
      const auto moved = stream_->read_now(space);
      got.clear();
      if (moved.how == Moved::How::done) {
        got.assign(space.data(), moved.bytes);
      } else if (moved.how == Moved::How::would_block) {
        if (alarm_.rang()) co_return Refusal{408, "the request body did not arrive in time"};
        over_ = alarm_.gone();
      } else {
        over_ = true;
      }
      if (over_) co_return std::nullopt;
    }
  }

  // Answers, says that the connection ends, and reads what is still coming for a moment.
  Task<> refuse_unread(Head& head, Refusal refusal) {
    Reply reply(*stream_, head, limits_.reader);
    reply.close_after();
    if (!refusal.allow.empty()) reply.add("allow", refusal.allow);
    const auto text = service_.explain(head, refusal);
    co_await reply.whole(refusal.status, "application/json", text);
    if (!reply.ok()) co_return;
    after(linger);
    ::shutdown(stream_->descriptor(), SHUT_WR);
    std::size_t dropped = 0;
    while (dropped < linger_bytes && !alarm_.rang()) {
      co_await stream_->readable();
      const auto moved = stream_->read_now(scratch());
      if (moved.how == Moved::How::would_block && !alarm_.gone()) continue;
      if (moved.how != Moved::How::done) co_return;
      dropped += moved.bytes;
    }
  }

  static Refusal too_large() {
    return {413, "the request body is larger than " + std::to_string(max_body >> 20) + " MiB"};
  }

  // The time of the last tick is near enough: the limits are rung at one.
  void after(Milliseconds limit) { alarm_.set(alarms_.now() + limit); }

  std::unique_ptr<Stream> stream_;
  Service& service_;
  Alarms& alarms_;
  SessionLimits limits_;
  bool local_socket_;
  Alarm alarm_;
  std::string rest_;  // read, but not used yet
  bool over_ = false;
};

}  // namespace

Task<> run_session(std::unique_ptr<Stream> stream, Service& service, Alarms& alarms,
                   SessionLimits limits, bool local_socket) {
  Session session(std::move(stream), service, alarms, limits, local_socket);
  co_await session.run();
}

}  // namespace tpool::net
