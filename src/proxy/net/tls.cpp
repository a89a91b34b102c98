#include "proxy/net/tls.hpp"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>

namespace tpool::net {
namespace {

// A record carries at most 16 KiB; small pieces are joined so that one message is one record.
constexpr std::size_t record_size = 16 << 10;

std::string last_error() {
  const auto code = ERR_get_error();
  ERR_clear_error();
  if (!code) return "TLS failed";
  const char* text = ERR_reason_error_string(code);
  return text ? text : "TLS failed";
}

bool is_address(const std::string& host) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::make() {
  SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  if (!context) return unavailable("TLS cannot be set up: " + last_error());
  std::unique_ptr<TlsContext> made(new TlsContext(context));
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (SSL_CTX_set_default_verify_paths(context) != 1)
    return unavailable("the system's certificates cannot be read: " + last_error(),
                       "install ca-certificates, or set SSL_CERT_FILE");
  return made;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::unique_ptr<Tls>> Tls::prepare(const TlsContext& context, const std::string& host) {
  SSL* ssl = SSL_new(context.get());
  if (!ssl) return unavailable("TLS cannot be set up: " + last_error());
  std::unique_ptr<Tls> made(new Tls(ssl));
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl, host.c_str());
    SSL_set1_host(ssl, host.c_str());
  }
  static constexpr unsigned char http11[] = "\x08http/1.1";
  SSL_set_alpn_protos(ssl, http11, sizeof http11 - 1);
  SSL_set_connect_state(ssl);
  return made;
}

Result<std::unique_ptr<Tls>> Tls::make(const TlsContext& context, int descriptor,
                                       const std::string& host) {
  auto made = prepare(context, host);
  if (made && SSL_set_fd((*made)->ssl_, descriptor) != 1)
    return unavailable("TLS cannot be set up: " + last_error());
  return made;
}

Result<std::unique_ptr<Tls>> Tls::make(const TlsContext& context, std::unique_ptr<Tls> through,
                                       const std::string& host) {
  auto made = prepare(context, host);
  if (!made) return made;
  BIO* inside = BIO_new(BIO_f_ssl());
  if (!inside) return unavailable("TLS cannot be set up: " + last_error());
  BIO_set_ssl(inside, through->ssl_, BIO_NOCLOSE);
  SSL_set_bio((*made)->ssl_, inside, inside);
  (*made)->through_ = std::move(through);
  return made;
}

Tls::~Tls() { SSL_free(ssl_); }

Moved Tls::outcome(int result, bool& wants_write) {
  const int saved = errno;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ: wants_write = false; return {Moved::How::would_block};
    case SSL_ERROR_WANT_WRITE: wants_write = true; return {Moved::How::would_block};
    case SSL_ERROR_ZERO_RETURN: return {Moved::How::end};
    case SSL_ERROR_SYSCALL:
      ERR_clear_error();
      reason_ = saved ? describe_errno(saved) : "the connection was closed";
      return {Moved::How::failed, 0, saved ? saved : ECONNRESET};
    default: break;
  }
  const long verdict = SSL_get_verify_result(ssl_);
  reason_ = verdict != X509_V_OK ? X509_verify_cert_error_string(verdict) : last_error();
  ERR_clear_error();
  return {Moved::How::failed, 0, EPROTO};
}

Moved Tls::handshake() {
  ERR_clear_error();
  errno = 0;
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return {Moved::How::done};
  return outcome(result, handshake_wants_write_);
}

Moved Tls::read(std::span<char> buffer) {
  ERR_clear_error();
  errno = 0;
  read_wants_write_ = false;
  const int result = SSL_read(ssl_, buffer.data(),
                              static_cast<int>(std::min<std::size_t>(buffer.size(), 1 << 20)));
  if (result > 0) return {Moved::How::done, static_cast<std::size_t>(result)};
  return outcome(result, read_wants_write_);
}

Moved Tls::write(std::span<const iovec> pieces) {
  ERR_clear_error();
  errno = 0;
  write_wants_read_ = false;
  char joined[record_size];
  const char* data = static_cast<const char*>(pieces.front().iov_base);
  std::size_t size = pieces.front().iov_len;
  if (pieces.size() > 1 && size < record_size) {
    size = 0;
    for (const auto& one : pieces) {
      const auto take = std::min(one.iov_len, record_size - size);
      std::memcpy(joined + size, one.iov_base, take);
      size += take;
      if (size == record_size) break;
    }
    data = joined;
  }
  const int result = SSL_write(ssl_, data, static_cast<int>(std::min<std::size_t>(size, 1 << 20)));
  if (result > 0) return {Moved::How::done, static_cast<std::size_t>(result)};
  bool wants_write = true;
  const auto moved = outcome(result, wants_write);
  write_wants_read_ = !wants_write;
  return moved;
}

bool Tls::has_pending() const {
  return SSL_pending(ssl_) > 0 || (through_ && through_->has_pending());
}

void Tls::say_goodbye() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_)) SSL_shutdown(ssl_);
  ERR_clear_error();
  if (through_) through_->say_goodbye();
}

std::string Tls::reason() const { return reason_; }

}  // namespace tpool::net
