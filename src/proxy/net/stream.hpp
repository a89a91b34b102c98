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
#include "proxy/net/asio.hpp"

namespace tpool::net {

class Tls;

// What one attempt to move bytes did.
struct Moved {
  enum class How { done, would_block, end, failed };
  How how = How::failed;
  std::size_t bytes = 0;
  int error = 0;  // errno with failed
};

class Stream final : public Wakeable {
 public:
  // Takes the descriptor, which must be non-blocking. `alarm` outlives the stream or is replaced.
  Stream(Executor executor, int descriptor);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  void use_alarm(Alarm* alarm) { alarm_ = alarm; }
  Alarm* alarm() const { return alarm_; }
  void use_tls(std::unique_ptr<Tls> tls);
  // Gives up the TLS in use, if any: another one is about to run inside it.
  std::unique_ptr<Tls> take_tls();

  // Suspends until reading may make progress, or the alarm woke it.
  Task<> readable();
  Task<> writable();
  // Goes behind everybody who is ready now. Before a send: what several exchanges send is then sent
  // in a row, and the first send wakes a peer for all of them, which costs more than the send.
  Task<> turn();

  // One attempt, never suspends.
  Moved read_now(std::span<char> buffer);
  Moved write_now(std::span<const iovec> pieces);

  // Waits and reads at least one byte. how != done: end, failed, or would_block when woken.
  Task<Moved> read(std::span<char> buffer);
  // Everything, or an error; would_block when woken before all was written. `pieces` is used up as
  // it goes: called again with the same one, it goes on where it was.
  Task<Moved> write(std::span<iovec> pieces);
  Task<Moved> write(std::string_view text);

  void wake() override { descriptor_.cancel(); }
  bool woken() const { return alarm_ && (alarm_->rang() || alarm_->gone()); }
  int descriptor() const { return descriptor_number_; }
  void close();
  // Gives the descriptor away; the stream is then closed. Not with TLS.
  int release();
  bool is_open() const { return descriptor_number_ >= 0; }

 private:
  Task<> wait(asio::posix::descriptor_base::wait_type what, bool needless);

  Descriptor descriptor_;
  int descriptor_number_;
  Alarm* alarm_ = nullptr;
  std::unique_ptr<Tls> tls_;
};

// A 64 KiB buffer shared by all streams of this thread; valid until the next co_await.
std::span<char> scratch();

// Drops `count` bytes from the front of `pieces`; those that are used up are left empty.
std::span<iovec> advance(std::span<iovec> pieces, std::size_t count);

iovec piece(std::string_view text);

}  // namespace tpool::net
