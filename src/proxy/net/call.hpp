// One outbound request and the byte stream that answers it.
//
// connect, send, read_head, then read_body until it says end. Any wait may answer `woken`: the
// alarm rang or the client left; ask the alarm and, if all is well, call again. A connection whose
// answer was read to its end goes back to the pool at once; any other is closed with the Call,
// which is how a provider learns that nobody listens. I/O thread only.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/ir/event.hpp"
#include "proxy/net/connections.hpp"
#include "proxy/net/head.hpp"

namespace tpool::net {

enum class Got { ready, end, woken, broken };

class Call {
 public:
  Call(Connections& connections, const Origin& origin, Alarm& alarm)
      : connections_(connections), origin_(origin), alarm_(alarm) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // First of all one of these: an idle connection, if there is one, or a new one.
  bool reuse();
  Task<std::optional<ir::Failure>> connect(Milliseconds limit);
  bool reused() const { return reused_; }

  // The head and all of the body, which live until all is sent. When it was woken before,
  // send_rest() goes on. Ready as well when the other side took no more: it may have said why.
  Task<Got> send(std::string_view head, std::span<const std::string_view> body);
  Task<Got> send_rest();

  // The head of the answer; interim 1xx ones are skipped (at most 8).
  Task<Got> read_head();
  const Head& head() const { return head_; }
  // Nobody asks for the head any more; a stream may stay silent for long.
  void drop_head_text();
  bool any_byte() const { return any_byte_; }

  // Appends what arrived; the views live until the next co_await of the caller.
  Task<Got> read_body(std::vector<std::string_view>& data);
  bool finished() const { return finished_; }
  // What was wrong, with `broken`.
  const std::string& problem() const { return problem_; }

 private:
  enum class Framing { none, length, chunks, until_end };
  Got sent(const Moved& moved);
  void give_back();
  Got take(std::string_view bytes, std::vector<std::string_view>& data);
  Got broken(std::string what);

  Connections& connections_;
  const Origin& origin_;
  Alarm& alarm_;
  std::unique_ptr<Stream> stream_;
  std::vector<iovec> unsent_;
  bool reused_ = false;
  Head head_;
  std::string early_;  // body bytes that came with the head
  std::string early_view_;
  Framing framing_ = Framing::none;
  std::uint64_t left_ = 0;
  std::optional<ChunkReader> chunks_;
  bool any_byte_ = false;
  bool finished_ = false;
  bool surplus_ = false;    // bytes beyond the answer: the connection is not to be trusted
  std::string unsent_why_;  // the request broke off
  int interim_ = 0;
  std::string problem_;
};

}  // namespace tpool::net
