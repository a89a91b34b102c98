#include "proxy/net/websocket.hpp"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>

#include "proxy/net/session.hpp"

namespace tpool::net {
namespace {

namespace beast = boost::beast;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

constexpr std::size_t most_waiting = 2;

bool has_token(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    auto token = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (token.starts_with(' ')) token.remove_prefix(1);
    while (token.ends_with(' ')) token.remove_suffix(1);
    if (same_name(token, wanted)) return true;
  }
  return false;
}

}  // namespace

struct WebSocket::Connection {
  Connection(Executor executor, int descriptor, Alarm* client)
      : socket(executor), alarm(client), came(executor), taken(executor) {
    boost::system::error_code ignored;
    socket.next_layer().assign(asio::ip::tcp::v4(), descriptor, ignored);
  }

  beast::websocket::stream<Socket, false> socket;
  Alarm* alarm;  // nullptr once its owner is gone
  std::deque<std::string> waiting;
  Timer came;   // a message, or the end
  Timer taken;  // a message was
  bool over = false;
};

bool asks_for_websocket(const Head& head) {
  return head.method == "GET" && has_token(head.get("upgrade"), "websocket") &&
         has_token(head.get("connection"), "upgrade");
}

WebSocket::WebSocket(Executor executor, int descriptor, Alarm& alarm)
    : connection_(std::make_shared<Connection>(executor, descriptor, &alarm)) {}

WebSocket::~WebSocket() {
  connection_->alarm = nullptr;
  connection_->over = true;
  connection_->taken.cancel();
  boost::system::error_code ignored;
  connection_->socket.next_layer().close(ignored);
}

void WebSocket::wake() { connection_->came.cancel(); }

Task<bool> WebSocket::accept(const Head& head) {
  namespace ws = beast::websocket;
  ws::stream_base::timeout limits;
  limits.handshake_timeout = std::chrono::seconds(30);
  limits.idle_timeout = std::chrono::minutes(2);
  limits.keep_alive_pings = true;
  auto& socket = connection_->socket;
  socket.set_option(limits);
  socket.read_message_max(max_body);
  socket.auto_fragment(false);
  socket.text(true);
  // A client that says goodbye has left, whenever it closes its side.
  socket.control_callback([connection = connection_.get()](ws::frame_type kind, auto) {
    if (kind != ws::frame_type::close) return;
    connection->over = true;
    if (connection->alarm) connection->alarm->leave();
    connection->came.cancel();
  });
  beast::http::request<beast::http::empty_body> request;
  request.method(beast::http::verb::get);
  request.target(beast::string_view(head.target.data(), head.target.size()));
  request.version(11);
  for (const auto& field : head.fields)
    request.insert(beast::string_view(field.name.data(), field.name.size()),
                   beast::string_view(field.value.data(), field.value.size()));
  boost::system::error_code failed;
  auto token = asio::redirect_error(Use{}, failed);
  co_await socket.async_accept(request, token);
  if (failed) co_return false;
  auto executor = socket.get_executor();
  asio::co_spawn(executor, read(connection_), asio::detached);
  co_return true;
}

Task<> WebSocket::read(std::shared_ptr<Connection> connection) {
  beast::flat_buffer buffer;
  while (!connection->over) {
    boost::system::error_code failed;
    auto token = asio::redirect_error(Use{}, failed);
    co_await connection->socket.async_read(buffer, token);
    if (failed || !connection->socket.got_text()) break;
    const auto data = buffer.cdata();
    connection->waiting.emplace_back(static_cast<const char*>(data.data()), data.size());
    buffer.clear();
    if (buffer.capacity() > (std::size_t{64} << 10)) buffer.shrink_to_fit();
    connection->came.cancel();
    while (!connection->over && connection->waiting.size() >= most_waiting) {
      connection->taken.expires_at(Timer::time_point::max());
      boost::system::error_code woken;
      auto wait = asio::redirect_error(Use{}, woken);
      co_await connection->taken.async_wait(wait);
    }
  }
  connection->over = true;
  if (connection->alarm) connection->alarm->leave();
  connection->came.cancel();
}

Task<std::optional<std::string>> WebSocket::receive() {
  auto& alarm = *connection_->alarm;
  while (connection_->waiting.empty()) {
    if (connection_->over || alarm.gone()) co_return std::nullopt;
    connection_->came.expires_at(Timer::time_point::max());
    alarm.clear();
    alarm.idle(true);
    alarm.wait_on(this);
    boost::system::error_code ignored;
    auto token = asio::redirect_error(Use{}, ignored);
    co_await connection_->came.async_wait(token);
    alarm.wait_on(nullptr);
    alarm.idle(false);
  }
  auto message = std::move(connection_->waiting.front());
  connection_->waiting.pop_front();
  connection_->taken.cancel();
  co_return message;
}

Task<bool> WebSocket::send(std::string_view text) {
  if (connection_->over) co_return false;
  boost::system::error_code failed;
  auto token = asio::redirect_error(Use{}, failed);
  const asio::const_buffer data(text.data(), text.size());
  const auto connection = connection_;
  co_await connection->socket.async_write(data, token);
  co_return !failed;
}

Task<> WebSocket::close() {
  if (connection_->over) co_return;
  boost::system::error_code ignored;
  auto token = asio::redirect_error(Use{}, ignored);
  const auto connection = connection_;
  // A client that does not say goodbye in turn is not waited for, nor one that is still to hang up
  // after a frame it may not send: the reader waits for that, and our goodbye for the reader.
  Timer patience(connection->socket.get_executor());
  patience.expires_after(std::chrono::seconds(1));
  patience.async_wait([connection](boost::system::error_code ended) {
    if (!ended) connection->socket.next_layer().close(ended);
  });
  const beast::websocket::close_reason reason(beast::websocket::close_code::going_away);
  co_await connection->socket.async_close(reason, token);
}

}  // namespace tpool::net
