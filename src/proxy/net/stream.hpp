// One connected socket: bytes in, bytes out, in the clear or through TLS.
//
// Nothing is buffered here and no buffer is held while waiting: callers wait for readiness, then
// read into a buffer they share with every other stream of the thread. Every suspended wait can be
// woken by the Alarm, which is then to be asked why. The descriptor is closed by the destructor.
// I/O thread only.
#pragma once

#include <sys/uio.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "proxy/net/alarm.hpp"
#include "proxy/net/poller.hpp"

namespace tpool::net {

class Tls;

// What one attempt to move bytes did.
struct Moved {
  enum class How { done, would_block, end, failed };
  How how = How::failed;
  std::size_t bytes = 0;
  int error = 0;  // errno with failed
};

class Stream final : public Wakeable, public Pollable {
 public:
  // Takes the descriptor, which must be non-blocking.
  Stream(Poller& poller, int descriptor);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  // `alarm` outlives the stream or is replaced.
  void use_alarm(Alarm* alarm) { alarm_ = alarm; }
  // The other side is a client: `alarm` is told when it hangs up, whatever is waited for.
  void tell_hangup(Alarm& alarm) { client_ = &alarm; }
  Alarm* alarm() const { return alarm_; }
  void use_tls(std::unique_ptr<Tls> tls);
  // Gives up the TLS in use, if any: another one is about to run inside it.
  std::unique_ptr<Tls> take_tls();

  // Suspends until reading may make progress, or the alarm woke it; not at all where it may now.
  Task<> readable();
  Task<> writable();
  // Goes behind everybody who is ready now. Before a send: what several exchanges send is then sent
  // in a row, and the first send wakes a peer for all of them, which costs more than the send.
  Task<> turn();

  // One attempt, never suspends.
  Moved read_now(std::span<char> buffer);
  Moved write_now(std::span<const iovec> pieces);
  // One step of the TLS in use. would_block: wait until handshake_ready() and call again.
  Moved handshake_now();
  Task<> handshake_ready();

  // Waits and reads at least one byte. how != done: end, failed, or would_block when woken.
  Task<Moved> read(std::span<char> buffer);
  // Everything, or an error; would_block when woken before all was written. `pieces` is used up as
  // it goes: called again with the same one, it goes on where it was.
  Task<Moved> write(std::span<iovec> pieces);
  Task<Moved> write(std::string_view text);

  void wake() override { poller_.wake(*this); }
  bool woken() const { return alarm_ && (alarm_->rang() || alarm_->gone()); }
  int descriptor() const { return descriptor_; }
  void close();
  // Gives the descriptor away; the stream is then closed, but must outlive the descriptor: it goes
  // on telling the alarm of a hang-up. Not with TLS.
  int release();
  bool is_open() const { return descriptor_ >= 0; }
  // Nothing to be read, the end included.
  bool is_quiet() const;

 private:
  enum class Side { reading, writing };
  Task<> wait(Side side);
  // An attempt found nothing left to do on this side: the kernel will tell of more.
  void exhausted(Side side);

  Poller& poller_;
  int descriptor_;
  Alarm* alarm_ = nullptr;
  std::unique_ptr<Tls> tls_;
};

// A 64 KiB buffer shared by all streams of this thread; valid until the next co_await.
std::span<char> scratch();

// Drops `count` bytes from the front of `pieces`; those that are used up are left empty.
std::span<iovec> advance(std::span<iovec> pieces, std::size_t count);

iovec piece(std::string_view text);

}  // namespace tpool::net
