#include "proxy/net/connections.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proxy/net/head.hpp"

namespace tpool::net {
namespace {

constexpr Milliseconds idle_life{60'000};
constexpr std::size_t most_idle = 256;
// One address of several has at least this long: a first packet that is lost is sent again after a
// second.
constexpr Milliseconds least_share{1'100};

ir::Failure failure(ir::Failure::Kind kind, std::string message) {
  ir::Failure made;
  made.kind = kind;
  made.message = std::move(message);
  return made;
}

// A fault of this machine or its own network, not of the other side.
bool is_local(int error) {
  switch (error) {
    case ENETUNREACH:
    case ENETDOWN:
    case EADDRNOTAVAIL:
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM: return true;
    default: return false;
  }
}

// Why a wait ended early, if it did.
std::optional<ir::Failure> interrupted(const Alarm& alarm, const std::string& doing) {
  if (alarm.gone()) return failure(ir::Failure::Kind::cancelled, "the client left");
  if (alarm.rang()) return failure(ir::Failure::Kind::unreachable, doing + " took too long");
  return std::nullopt;
}

}  // namespace

Connections::Connections(Io& io, Poller& poller, Resolver::LookUp look_up)
    : poller_(poller), resolver_(io, std::move(look_up)), sweeper_(io.get_executor()) {}

std::unique_ptr<Stream> Connections::take_idle(const Origin& origin, Alarm& alarm) {
  const auto it = idle_.find(origin.key);
  if (it == idle_.end()) return nullptr;
  // The newest first: the one the other side is least likely to have closed.
  for (auto& queue = it->second; !queue.empty();) {
    auto stream = std::move(queue.back().stream);
    queue.pop_back();
    --idle_count_;
    // A farewell, such as a 408, would pass for the answer to what is asked next.
    if (!stream->is_quiet()) continue;
    stream->use_alarm(&alarm);
    return stream;
  }
  return nullptr;
}

Task<std::variant<std::unique_ptr<Stream>, ir::Failure>> Connections::connect(const Origin& origin,
                                                                              Alarm& alarm,
                                                                              Milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  alarm.set(deadline);
  auto made = co_await dial(origin, alarm, deadline);
  alarm.clear();
  co_return made;
}

Task<std::variant<std::unique_ptr<Stream>, ir::Failure>> Connections::dial(const Origin& origin,
                                                                           Alarm& alarm,
                                                                           Instant deadline) {
  const auto& host = origin.hop ? origin.hop->host : origin.host;
  const auto port = origin.hop ? origin.hop->port : origin.port;
  const auto where = (origin.hop ? "the proxy " : "") + port_of(host, port);
  auto addresses = co_await resolver_.resolve(host, port, alarm);
  if (alarm.gone()) co_return failure(ir::Failure::Kind::cancelled, "the client left");
  if (!addresses) {
    auto lost = failure(ir::Failure::Kind::unreachable, addresses.error().message);
    // No name server answers: nobody's name can be resolved now.
    lost.local = addresses.error().code == Code::timeout;
    co_return lost;
  }
  auto last = failure(ir::Failure::Kind::unreachable, "cannot connect to " + where);
  std::unique_ptr<Stream> stream;
  for (std::size_t i = 0; i < addresses->size() && !stream; ++i) {
    const auto now = std::chrono::steady_clock::now();
    const auto share = std::max<Instant::duration>(least_share, (deadline - now) / 2);
    alarm.set(i + 1 == addresses->size() ? deadline : std::min(deadline, now + share));
    auto failed = co_await reach((*addresses)[i], where, alarm, stream);
    if (failed) last = std::move(*failed);
    if (last.kind == ir::Failure::Kind::cancelled) break;
  }
  if (!stream) co_return last;
  alarm.set(deadline);
  if (origin.hop && origin.hop->tls) {
    auto failed = co_await secure(origin.hop->host, *stream, alarm);
    if (failed) {
      failed->message = "the proxy: " + failed->message;
      co_return std::move(*failed);
    }
  }
  if (origin.hop && origin.tls) {
    auto failed = co_await tunnel(origin, *stream, alarm);
    if (failed) co_return std::move(*failed);
  }
  if (origin.tls) {
    auto failed = co_await secure(origin.host, *stream, alarm);
    if (failed) co_return std::move(*failed);
  }
  co_return std::move(stream);
}

// `stream` is set when it is connected.
Task<std::optional<ir::Failure>> Connections::reach(const Address& address,
                                                    const std::string& where, Alarm& alarm,
                                                    std::unique_ptr<Stream>& stream) {
  const auto broken = [&](int error) {
    auto made = failure(ir::Failure::Kind::unreachable,
                        "cannot connect to " + where + ": " + describe_errno(error));
    made.local = is_local(error);
    return made;
  };
  const int descriptor =
      ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) co_return broken(errno);
  auto made = std::make_unique<Stream>(poller_, descriptor);
  made->use_alarm(&alarm);
  const int one = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const int result =
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.size);
  int error = result == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    co_await made->writable();
    if (auto stopped = interrupted(alarm, "connecting to " + where)) co_return stopped;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error) co_return broken(error);
  stream = std::move(made);
  co_return std::nullopt;
}

Task<std::optional<ir::Failure>> Connections::tunnel(const Origin& origin, Stream& stream,
                                                     Alarm& alarm) {
  const auto target = port_of(origin.host, origin.port);
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!origin.hop->authorization.empty())
    request += "Proxy-Authorization: " + origin.hop->authorization + "\r\n";
  request += "\r\n";
  const auto wrote = co_await stream.write(request);
  Head head;
  std::string got;
  const auto broken = failure(ir::Failure::Kind::unreachable, "the proxy did not open a tunnel");
  if (wrote.how != Moved::How::done) co_return interrupted(alarm, "the proxy").value_or(broken);
  for (std::size_t end = 0; end == 0;) {
    if (got.size() > max_head) co_return broken;
    co_await stream.readable();
    // One byte more than the head would belong to TLS; the far side speaks only after us.
    const auto moved = stream.read_now(scratch());
    if (moved.how == Moved::How::would_block) {
      if (auto stopped = interrupted(alarm, "the proxy")) co_return stopped;
      continue;
    }
    if (moved.how != Moved::How::done) co_return broken;
    got.append(scratch().data(), moved.bytes);
    end = find_head_end(got, 0);
  }
  head.raw = std::move(got);
  if (!parse_answer(head)) co_return broken;
  if (head.status / 100 != 2)
    co_return failure(ir::Failure::Kind::unreachable,
                      "the proxy refused the tunnel with status " + std::to_string(head.status));
  co_return std::nullopt;
}

Task<std::optional<ir::Failure>> Connections::secure(const std::string& host, Stream& stream,
                                                     Alarm& alarm) {
  if (!tls_) {
    auto context = TlsContext::make();
    if (!context) co_return failure(ir::Failure::Kind::unreachable, context.error().message);
    tls_ = std::move(*context);
  }
  auto outer = stream.take_tls();
  auto tls = outer ? Tls::make(*tls_, std::move(outer), host)
                   : Tls::make(*tls_, stream.descriptor(), host);
  if (!tls) co_return failure(ir::Failure::Kind::unreachable, tls.error().message);
  // Kept by the stream, which a handshake that failed does not outlive.
  auto& secured = **tls;
  stream.use_tls(std::move(*tls));
  for (;;) {
    const auto moved = stream.handshake_now();
    if (moved.how == Moved::How::done) break;
    if (moved.how != Moved::How::would_block)
      co_return failure(ir::Failure::Kind::unreachable,
                        "TLS with " + host + " failed: " + secured.reason());
    co_await stream.handshake_ready();
    if (auto stopped = interrupted(alarm, "TLS with " + host)) co_return stopped;
  }
  co_return std::nullopt;
}

void Connections::give(const Origin& origin, std::unique_ptr<Stream> stream) {
  if (!stream->is_open() || idle_count_ >= most_idle) return;
  stream->use_alarm(nullptr);
  idle_[origin.key].push_back({std::move(stream), std::chrono::steady_clock::now()});
  ++idle_count_;
  if (!sweeping_) sweep();
}

void Connections::sweep() {
  sweeping_ = true;
  sweeper_.expires_after(std::chrono::seconds(5));
  sweeper_.async_wait([this](boost::system::error_code ec) {
    sweeping_ = false;
    if (ec) return;
    const auto oldest = std::chrono::steady_clock::now() - idle_life;
    for (auto it = idle_.begin(); it != idle_.end();) {
      auto& queue = it->second;
      std::erase_if(queue,
                    [&](const Idle& one) { return one.since < oldest || !one.stream->is_quiet(); });
      it = queue.empty() ? idle_.erase(it) : std::next(it);
    }
    idle_count_ = 0;
    for (const auto& [key, queue] : idle_) idle_count_ += queue.size();
    if (idle_count_) sweep();
  });
}

}  // namespace tpool::net
