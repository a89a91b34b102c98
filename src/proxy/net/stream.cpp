#include "proxy/net/stream.hpp"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "proxy/net/tls.hpp"

namespace tpool::net {

Stream::Stream(Poller& poller, int descriptor) : poller_(poller), descriptor_(descriptor) {}

Stream::~Stream() {
  close();
  if (Poller::is_watched(*this)) poller_.forget(*this);
}

void Stream::use_tls(std::unique_ptr<Tls> tls) { tls_ = std::move(tls); }

std::unique_ptr<Tls> Stream::take_tls() { return std::move(tls_); }

void Stream::close() {
  if (descriptor_ < 0) return;
  if (tls_) tls_->say_goodbye();
  if (Poller::is_watched(*this)) poller_.forget(*this);
  ::close(std::exchange(descriptor_, -1));
}

int Stream::release() {
  poller_.hang_up_only(*this, descriptor_);
  return std::exchange(descriptor_, -1);
}

Task<> Stream::wait(Side side) {
  const bool ready = side == Side::reading ? may_read_ : may_write_;
  if (ready || woken()) co_return;
  if (alarm_) alarm_->wait_on(this);
  if (side == Side::reading)
    co_await poller_.readable(*this, descriptor_);
  else
    co_await poller_.writable(*this, descriptor_);
  if (alarm_) alarm_->wait_on(nullptr);
}

// No coroutines themselves: each of their frames would cost as much as the wait.
Task<> Stream::readable() {
  // What a record held beyond the last buffer is no longer in the socket.
  if (tls_ && tls_->has_pending()) may_read_ = true;
  return wait(tls_ && tls_->read_wants_write() ? Side::writing : Side::reading);
}

Task<> Stream::writable() {
  return wait(tls_ && tls_->write_wants_read() ? Side::reading : Side::writing);
}

Task<> Stream::handshake_ready() {
  return wait(tls_->handshake_wants_write() ? Side::writing : Side::reading);
}

Task<> Stream::turn() { return poller_.turn(*this); }

void Stream::exhausted(Side side) {
  if (side == Side::reading)
    may_read_ = over_;
  else
    may_write_ = false;
}

Moved Stream::handshake_now() {
  const auto moved = tls_->handshake();
  if (moved.how == Moved::How::would_block)
    exhausted(tls_->handshake_wants_write() ? Side::writing : Side::reading);
  return moved;
}

Moved Stream::read_now(std::span<char> buffer) {
  if (tls_) {
    const auto moved = tls_->read(buffer);
    if (moved.how == Moved::How::would_block)
      exhausted(tls_->read_wants_write() ? Side::writing : Side::reading);
    return moved;
  }
  for (;;) {
    const auto count = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (count > 0) {
      const auto bytes = static_cast<std::size_t>(count);
      // Less than there was room for was all there is.
      if (bytes < buffer.size()) exhausted(Side::reading);
      return {Moved::How::done, bytes};
    }
    if (count == 0) return {Moved::How::end};
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return {Moved::How::failed, 0, errno};
    exhausted(Side::reading);
    return {Moved::How::would_block};
  }
}

bool Stream::is_quiet() const {
  if (!may_read_) return true;
  char byte;
  const auto peeked = ::recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

Moved Stream::write_now(std::span<const iovec> pieces) {
  if (tls_) {
    const auto moved = tls_->write(pieces);
    if (moved.how == Moved::How::would_block)
      exhausted(tls_->write_wants_read() ? Side::reading : Side::writing);
    return moved;
  }
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = std::min<std::size_t>(pieces.size(), 64);
  for (;;) {
    const auto count = ::sendmsg(descriptor_, &message, MSG_NOSIGNAL);
    if (count >= 0) return {Moved::How::done, static_cast<std::size_t>(count)};
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return {Moved::How::failed, 0, errno};
    exhausted(Side::writing);
    return {Moved::How::would_block};
  }
}

Task<Moved> Stream::read(std::span<char> buffer) {
  for (;;) {
    // More of a body is mostly there already. A wake and data at once: the data was first, and the
    // owner asks the alarm anyway.
    const auto moved = read_now(buffer);
    if (moved.how != Moved::How::would_block || woken()) co_return moved;
    co_await readable();
  }
}

Task<Moved> Stream::write(std::span<iovec> pieces) {
  std::size_t total = 0;
  for (;;) {
    while (!pieces.empty() && pieces.front().iov_len == 0) pieces = pieces.subspan(1);
    if (pieces.empty()) co_return Moved{Moved::How::done, total};
    const auto moved = write_now(pieces);
    if (moved.how == Moved::How::done) {
      total += moved.bytes;
      pieces = advance(pieces, moved.bytes);
      continue;
    }
    if (moved.how != Moved::How::would_block) co_return moved;
    co_await writable();
    if (woken()) co_return Moved{Moved::How::would_block, total};
  }
}

Task<Moved> Stream::write(std::string_view text) {
  iovec one = piece(text);
  const std::span<iovec> pieces(&one, 1);
  const auto moved = co_await write(pieces);
  co_return moved;
}

std::span<char> scratch() {
  static thread_local auto buffer = std::make_unique_for_overwrite<char[]>(std::size_t{64} << 10);
  return {buffer.get(), std::size_t{64} << 10};
}

std::span<iovec> advance(std::span<iovec> pieces, std::size_t count) {
  while (!pieces.empty() && count >= pieces.front().iov_len) {
    count -= pieces.front().iov_len;
    pieces.front().iov_len = 0;
    pieces = pieces.subspan(1);
  }
  if (!pieces.empty() && count) {
    pieces.front().iov_base = static_cast<char*>(pieces.front().iov_base) + count;
    pieces.front().iov_len -= count;
  }
  return pieces;
}

iovec piece(std::string_view text) { return {const_cast<char*>(text.data()), text.size()}; }

}  // namespace tpool::net
