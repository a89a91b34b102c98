#include "cli/admin_client.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

#include "core/config/store.hpp"
#include "core/json/value.hpp"
#include "core/percent.hpp"
#include "proxy/net/address.hpp"

namespace tpool::cli {
namespace {

constexpr std::size_t largest_reply = 64u << 20;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }

 private:
  int number_;
};

Error not_running() { return unavailable("tpool serve is not running", "start it: tpool serve"); }

Error too_slow() {
  return {Code::timeout, "tpool serve did not answer in time",
          "look at its log; stop it with Ctrl-C and start it again if it hangs"};
}

Result<Descriptor> connect_to(const std::filesystem::path& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto& name = socket_path.native();
  if (name.size() >= sizeof address.sun_path)
    return invalid("the socket's path is too long: " + name,
                   "set XDG_RUNTIME_DIR or TPOOL_HOME to a shorter folder");
  std::memcpy(address.sun_path, name.data(), name.size());
  Descriptor line(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (line.get() < 0) return unavailable("no socket can be opened: " + describe_errno(errno));
  if (::connect(line.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return line;
  if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) return not_running();
  return unavailable("the admin socket " + name + " cannot be used: " + describe_errno(errno));
}

// Waits for `events` until `deadline`.
Result<> wait_for(const Descriptor& line, short events, Instant deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return too_slow();
    pollfd entry{line.get(), events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR)
      return unavailable("the admin socket failed: " + describe_errno(errno));
  }
}

std::string variable(const char* name) {
  const char* set = std::getenv(name);
  return set ? set : "";
}

// Where serve is asked with the token of TPOOL_TOKEN, when it has no socket here.
std::string listen_address(const config::Paths& paths) {
  if (auto set = variable("TPOOL_LISTEN"); !set.empty()) return set;
  const auto loaded = config::Store(paths).load();
  return loaded && loaded->config.settings.listen ? *loaded->config.settings.listen
                                                  : std::string(config::default_listen);
}

Result<Descriptor> connect_over_tcp(const std::string& where, Instant deadline) {
  const auto address = net::parse_host_port(where);
  if (!address) return address.error();
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const auto port = std::to_string(address->port);
  if (const int code = ::getaddrinfo(address->host.c_str(), port.c_str(), &hints, &found))
    return unavailable("cannot reach " + where + ": " + ::gai_strerror(code));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> guard(found, &::freeaddrinfo);
  Descriptor line(
      ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (line.get() < 0) return unavailable("no socket can be opened: " + describe_errno(errno));
  int error = 0;
  if (::connect(line.get(), found->ai_addr, found->ai_addrlen) != 0) error = errno;
  if (error == EINPROGRESS) {
    if (auto ready = wait_for(line, POLLOUT, deadline); !ready) return ready.error();
    socklen_t size = sizeof error;
    ::getsockopt(line.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (error != 0)
    return unavailable("nothing answers at " + where + ": " + describe_errno(error),
                       "start it: tpool serve");
  return line;
}

struct Line {
  Descriptor descriptor;
  std::string head = "Host: localhost\r\n";
};

// The socket of a serve on this home, else the address it listens on, with the token at hand.
Result<Line> reach(const config::Paths& paths, Instant deadline) {
  auto socket = connect_to(paths.admin_socket());
  if (socket) return Line{std::move(*socket)};
  const auto token = variable("TPOOL_TOKEN");
  if (token.empty()) return socket.error();
  if (std::ranges::any_of(token, [](char c) { return c <= ' ' || c > '~'; }))
    return invalid("TPOOL_TOKEN holds what no token has", "tpool client create makes one");
  const auto where = listen_address(paths);
  auto line = connect_over_tcp(where, deadline);
  if (!line) return line.error();
  return Line{std::move(*line), "Host: " + where + "\r\nAuthorization: Bearer " + token + "\r\n"};
}

Result<> send_all(const Descriptor& line, std::string_view text, Instant deadline) {
  while (!text.empty()) {
    if (auto ready = wait_for(line, POLLOUT, deadline); !ready) return ready.error();
    const auto sent = ::send(line.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (sent < 0) return unavailable("the admin socket failed: " + describe_errno(errno));
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return {};
}

Result<std::string> receive_all(const Descriptor& line, Instant deadline) {
  std::string reply;
  std::array<char, 64 * 1024> chunk;
  for (;;) {
    if (auto ready = wait_for(line, POLLIN, deadline); !ready) return ready.error();
    const auto got = ::recv(line.get(), chunk.data(), chunk.size(), 0);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) return unavailable("the admin socket failed: " + describe_errno(errno));
    if (got == 0) return reply;
    reply.append(chunk.data(), static_cast<std::size_t>(got));
    if (reply.size() > largest_reply) return corrupt("tpool serve sent more than 64 MiB");
  }
}

std::string lowercase(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
  });
  return lower;
}

Result<std::string> join_chunks(std::string_view text) {
  std::string body;
  for (;;) {
    const auto end = text.find("\r\n");
    if (end == std::string_view::npos) return corrupt("tpool serve cut its reply short");
    std::size_t size = 0;
    const auto read = std::from_chars(text.data(), text.data() + end, size, 16);
    if (read.ec != std::errc{} || size > largest_reply)
      return corrupt("tpool serve sent a damaged reply");
    text.remove_prefix(end + 2);
    if (size == 0) return body;
    if (text.size() < size + 2) return corrupt("tpool serve cut its reply short");
    body += text.substr(0, size);
    text.remove_prefix(size + 2);
  }
}

Error error_of(int status, std::string_view body) {
  Error error{status == 401 || status == 403 ? Code::unauthorized : Code::internal,
              "tpool serve answered " + std::to_string(status)};
  if (const auto document = json::Document::parse(body, "reply"); document) {
    const auto said = document->root()["error"];
    if (const auto message = said["message"].string()) error.message = *message;
    error.hint = said["hint"].string_or("");
    for (const auto code : {Code::invalid, Code::not_found, Code::conflict, Code::unauthorized,
                            Code::unavailable, Code::timeout, Code::corrupt})
      if (said["code"].string_or("") == to_string(code)) error.code = code;
  }
  return error;
}

}  // namespace

Result<std::string> read_reply(std::string_view reply) {
  const auto head_end = reply.find("\r\n\r\n");
  if (head_end == std::string_view::npos || !reply.starts_with("HTTP/1."))
    return corrupt("what answers on the admin socket does not speak HTTP");
  const auto head = lowercase(reply.substr(0, head_end + 2));
  auto body = std::string(reply.substr(head_end + 4));
  int status = 0;
  std::from_chars(head.data() + std::min<std::size_t>(9, head.size()), head.data() + head.size(),
                  status);
  if (head.find("\r\ntransfer-encoding: chunked\r\n") != std::string::npos) {
    auto joined = join_chunks(body);
    if (!joined) return joined.error();
    body = std::move(*joined);
  } else if (const auto at = head.find("\r\ncontent-length:"); at != std::string::npos) {
    auto from = head.data() + at + 17;
    while (*from == ' ') ++from;
    std::size_t length = 0;
    std::from_chars(from, head.data() + head.size(), length);
    if (body.size() < length) return corrupt("tpool serve cut its reply short");
    body.resize(length);
  }
  if (status < 200 || status > 299) return error_of(status, body);
  return body;
}

Result<std::string> admin_call(const config::Paths& paths, std::string_view method,
                               std::string_view target, Milliseconds limit, std::string_view body) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  const auto line = reach(paths, deadline);
  if (!line) return line.error();
  std::string request(method);
  request.append(" ").append(target).append(" HTTP/1.1\r\n").append(line->head);
  request += "Connection: close\r\n";
  request += "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size());
  request.append("\r\n\r\n").append(body);
  if (auto sent = send_all(line->descriptor, request, deadline); !sent) return sent.error();
  const auto reply = receive_all(line->descriptor, deadline);
  if (!reply) return reply.error();
  return read_reply(*reply);
}

Result<Told> ask_own_serve(const config::Paths& paths, const std::string& target) {
  // One that is reached with a token may run elsewhere, where the same store has another path.
  const bool here = connect_to(paths.admin_socket()).has_value();
  if (!here && !serve_is_running(paths)) return Told{{}, "serve is not running"};
  auto question = target;
  if (here)
    question.append(target.find('?') == std::string::npos ? "?" : "&")
        .append("store=" + percent_encoded(paths.store.native()));
  auto reply = admin_call(paths, "GET", question);
  if (reply) return Told{std::move(*reply), {}};
  if (reply.error().code != Code::conflict) return reply.error();
  return Told{{}, reply.error().message};
}

bool serve_is_running(const config::Paths& paths) {
  return reach(paths, std::chrono::steady_clock::now() + Milliseconds(1'000)).has_value();
}

}  // namespace tpool::cli
