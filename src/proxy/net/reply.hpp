// The answer to one inbound request: whole, or a stream in chunks.
//
// The head travels with the first bytes of the body in one write, and every send() is one write.
// send() never keeps a view across a wait: what the socket does not take at once is copied, and
// waits for a client that reads slowly: a minute, and longer only for a long rest. After a failed
// write ok() is false and everything else is a no-op. I/O thread only.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/net/head.hpp"
#include "proxy/net/stream.hpp"

namespace tpool::net {

// What a client may take for reading what it asked for, besides a second for every 64 KB.
inline constexpr Milliseconds slow_reader{60'000};

class Reply {
 public:
  Reply(Stream& stream, const Head& request, Milliseconds patience = slow_reader)
      : stream_(&stream), request_(request), patience_(patience) {}
  virtual ~Reply() = default;

  // Added to the head of whatever answer follows; name and value must be clean (field_value).
  void add(std::string_view name, std::string_view value);

  virtual Task<> whole(int status, std::string_view type, std::string_view body);
  // A whole answer with the body in pieces, which need not outlive the call.
  virtual Task<> whole(int status, std::string_view type, std::span<const std::string_view> body);

  // Fixes the head of a stream; nothing is sent before the first send().
  virtual void begin(int status, std::string_view type);
  virtual Task<> send(std::span<const std::string_view> pieces, bool last = false);
  virtual Task<> send(std::string_view text, bool last = false);
  bool begun() const { return begun_; }
  // Bytes of this answer are on the wire.
  bool sent() const { return sent_; }
  bool finished() const { return finished_; }
  bool ok() const { return ok_; }
  bool keep_alive() const { return keep_alive_ && ok_ && finished_; }
  // The connection closes after this answer.
  void close_after() { keep_alive_ = false; }
  int status() const { return status_; }

 protected:
  // For answers that do not travel as HTTP: the virtual functions say how.
  explicit Reply(const Head& request) : request_(request) {}

  int status_ = 0;
  bool begun_ = false;
  bool sent_ = false;
  bool finished_ = false;
  bool ok_ = true;

 private:
  void write_head(int status, std::string_view type);
  void whole_now(int status, std::string_view type, std::span<const std::string_view> body);
  void send_now(std::span<const std::string_view> pieces, bool last);
  // Writes what the socket takes at once; the rest, if any, is copied into rest_.
  void write_now(std::span<iovec> pieces);
  Task<> write_rest();

  Stream* stream_ = nullptr;
  const Head& request_;
  std::string head_;
  std::string fields_;
  std::string rest_;
  Milliseconds patience_ = slow_reader;
  bool chunked_ = false;
  bool keep_alive_ = true;
};

}  // namespace tpool::net
