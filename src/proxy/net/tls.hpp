// OpenSSL on a non-blocking descriptor, behind the surface Stream needs.
//
// TLS 1.2 or later, the system's trust store (SSL_CERT_FILE and SSL_CERT_DIR honoured), host name
// checked. One context for the process, loaded at the first use. I/O thread only.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <span>
#include <string>

#include "core/error.hpp"
#include "proxy/net/stream.hpp"

namespace tpool::net {

class TlsContext {
 public:
  // unavailable when the trust store cannot be read.
  static Result<std::unique_ptr<TlsContext>> make();
  ~TlsContext();
  SSL_CTX* get() const { return context_; }

 private:
  explicit TlsContext(SSL_CTX* context) : context_(context) {}
  SSL_CTX* context_;
};

class Tls {
 public:
  // Client side, for `host` (name or address literal) on a connected descriptor.
  static Result<std::unique_ptr<Tls>> make(const TlsContext& context, int descriptor,
                                           const std::string& host);
  // The same inside another TLS, whose handshake is done: a provider behind an https:// proxy.
  static Result<std::unique_ptr<Tls>> make(const TlsContext& context, std::unique_ptr<Tls> through,
                                           const std::string& host);
  ~Tls();

  // One step. would_block: wait for what handshake_wants_write() says and call again.
  Moved handshake();
  bool handshake_wants_write() const { return handshake_wants_write_; }

  Moved read(std::span<char> buffer);
  Moved write(std::span<const iovec> pieces);
  bool has_pending() const;
  bool read_wants_write() const { return read_wants_write_; }
  bool write_wants_read() const { return write_wants_read_; }
  void say_goodbye();

  // Why the last call failed: "certificate has expired", "unknown authority", ...
  std::string reason() const;

 private:
  explicit Tls(SSL* ssl) : ssl_(ssl) {}
  static Result<std::unique_ptr<Tls>> prepare(const TlsContext& context, const std::string& host);
  Moved outcome(int result, bool& wants_write);
  SSL* ssl_;
  std::unique_ptr<Tls> through_;
  bool handshake_wants_write_ = false;
  bool read_wants_write_ = false;
  bool write_wants_read_ = false;
  std::string reason_;
};

}  // namespace tpool::net
