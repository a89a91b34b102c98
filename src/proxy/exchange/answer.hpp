// The client's side of an exchange: what it was told, and how the rest is said.
//
// Nothing of an answer is sent before commit(), except that a streamed request that has waited for
// a while gets its head and heartbeats; failover stays possible, since a heartbeat is no answer.
// After commit a failure is said inside the stream. I/O thread only.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/config/routing.hpp"
#include "core/protocol/codec.hpp"
#include "proxy/net/reply.hpp"

namespace tpool::exchange {

// Told of everything a client is sent, as it goes out.
class Listener {
 public:
  virtual void stream(std::string_view wire) = 0;
  virtual void whole(int status, std::string_view body) = 0;

 protected:
  ~Listener() = default;
};

class Answer {
 public:
  Answer(net::Reply& reply, const protocol::Codec& codec, protocol::ReplyContext context,
         bool stream, Instant started, const config::Routing& routing);

  // `listener` outlives the answer.
  void listen(Listener& listener) { listener_ = &listener; }
  bool stream() const { return stream_; }
  bool committed() const { return committed_; }
  bool client_gone() const { return !reply_.ok(); }
  // Bytes of a stream are on the wire, be it only heartbeats.
  bool open() const { return reply_.sent(); }
  // When something must be said again, so that the client of a stream stays; never of others.
  Instant beat_due() const {
    return stream_ ? last_said_ + (reply_.begun() ? heartbeat_ : header_wait_) : Instant::max();
  }

  // What is being answered, for protocols that repeat it. Both outlive the answer's last byte.
  void about(const json::Scan& request, std::string_view body) {
    context_.request = &request;
    context_.request_body = body;
  }
  // The route and attempts for the head of the answer, unless it is already sent.
  void describe(std::string_view route, int attempts, std::string_view loss);
  void made_by(std::string_view provider, std::string_view model);

  // From here no other candidate is tried.
  void commit() { committed_ = true; }
  // A heartbeat began the answer: the provider's own events must be adopted by the encoder.
  bool joined() const { return encoder_ && encoder_->opened(); }
  // Else they go out as they are, under their own id; ours only follow them.
  void relay_events(std::string_view id) {
    context_.begun = true;
    if (!id.empty()) context_.answer_id = id;
    encoder_.reset();
  }
  void relayed(std::int64_t events) { context_.sequence = events; }

  // Bytes of a stream in the client's protocol. Sets off the head when it has not gone yet.
  net::Task<> pass(std::string_view wire, bool last = false);
  // A whole answer.
  net::Task<> whole(int status, std::span<const std::string_view> body);
  net::Task<> beat();
  // The end of it, in whatever form is still possible.
  net::Task<> fail(const ir::Failure& failure);

  protocol::EventEncoder& encoder();
  const protocol::ReplyContext& context() const { return context_; }
  const protocol::Codec& codec() const { return codec_; }
  net::Reply& reply() { return reply_; }

 private:
  net::Reply& reply_;
  const protocol::Codec& codec_;
  protocol::ReplyContext context_;
  std::unique_ptr<protocol::EventEncoder> encoder_;
  Listener* listener_ = nullptr;
  bool stream_;
  bool committed_ = false;
  bool described_ = false;
  Milliseconds header_wait_;  // of the first content
  Milliseconds heartbeat_;
  Instant last_said_;
};

}  // namespace tpool::exchange
