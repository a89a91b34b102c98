#include "proxy/demo.hpp"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <thread>

#include "core/digest.hpp"
#include "core/ir/fold.hpp"
#include "core/protocol/registry.hpp"
#include "proxy/app.hpp"
#include "proxy/net/head.hpp"

namespace tpool::proxy {
namespace {

constexpr std::string_view slug = "echo/echo-1";

config::Config demo_config(const std::string& token) {
  config::Config config;
  config::Provider provider;
  provider.id = "echo";
  provider.preset = "echo";
  config.providers.push_back(std::move(provider));
  config.pool.enabled = true;
  config.clients.push_back({"demo", sha256_hex(token)});
  return config;
}

// What Codex sends at the start of a turn, in small.
std::string codex_request() {
  return R"({"model":")" + std::string(slug) +
         R"(","stream":true,"input":[{"type":"message","role":"developer","content":[)"
         R"({"type":"input_text","text":"You are a coding agent."}]},{"type":"message","role":"user",)"
         R"("content":[{"type":"input_text","text":"Say hello to the pool."}]}],)"
         R"("tools":[{"type":"function","name":"exec_command","description":"Runs a command.",)"
         R"("strict":false,"parameters":{"type":"object","properties":{"cmd":{"type":"string"}},)"
         R"("required":["cmd"]}}],"tool_choice":"auto","parallel_tool_calls":true,"reasoning":{},)"
         R"("store":false,"include":["reasoning.encrypted_content"]})";
}

class Socket {
 public:
  Socket() : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
  ~Socket() { ::close(descriptor_); }
  Result<std::string> exchange(std::uint16_t port, const std::string& request) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{30, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::send(descriptor_, request.data(), request.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(request.size()))
      return unavailable("the demo proxy does not answer: " + describe_errno(errno));
    std::string answer;
    char buffer[16384];
    for (;;) {
      const auto count = ::recv(descriptor_, buffer, sizeof buffer, 0);
      if (count == 0) return answer;
      if (count < 0) return unavailable("the demo proxy fell silent: " + describe_errno(errno));
      answer.append(buffer, static_cast<std::size_t>(count));
    }
  }

 private:
  int descriptor_;
};

Result<> read_answer(const std::string& answer, DemoReport& report) {
  net::Head head;
  const auto end = net::find_head_end(answer, 0);
  head.raw = answer.substr(0, end);
  if (auto parsed = net::parse_answer(head); !parsed) return parsed.error();
  std::vector<std::string_view> data;
  net::ChunkReader chunks;
  const auto body = std::string_view(answer).substr(end);
  if (head.status != 200 || !head.chunked)
    return unavailable("the demo request was answered " + std::to_string(head.status) + ": " +
                       std::string(body));
  if (auto fed = chunks.feed(body, data); !fed) return fed.error();
  report.route = head.get("x-tpool-route");
  report.attempts = std::atoi(std::string(head.get("x-tpool-attempts")).c_str());
  const ir::ToolNames names;
  const auto decoder = protocol::codec(Protocol::responses)->decoder(names, {});
  protocol::SseReader sse;
  protocol::SseEvent event;
  std::vector<ir::Event> events;
  for (const auto part : data) {
    sse.feed(part);
    while (sse.next(event)) {
      ++report.events;
      report.last_event = event.name;
      decoder->feed(event, events);
    }
  }
  decoder->end(events);
  ir::Fold fold;
  for (const auto& one : events) fold.add(one);
  if (fold.failure()) return unavailable("the demo answer failed: " + fold.failure()->message);
  const auto whole = fold.take();
  for (const auto& item : whole.items)
    if (const auto* message = std::get_if<ir::Message>(&item.value))
      for (const auto& part : message->parts)
        if (const auto* text = std::get_if<ir::Text>(&part.value)) report.text += text->text;
  report.usage = whole.usage.value_or(ir::Usage{});
  return {};
}

}  // namespace

Result<DemoReport> run_demo() {
  ::signal(SIGPIPE, SIG_IGN);
  const auto token = new_token();
  auto snapshot = make_snapshot(demo_config(token), "demo", {}, {});
  if (!snapshot) return snapshot.error();
  const auto pool = (*snapshot)->pool;
  App app(std::move(*snapshot), AppOptions{});
  if (auto listening = app.listen(); !listening) return listening.error();
  const auto port = app.port();
  std::thread serving([&app] { app.run(); });
  const auto body = codex_request();
  const auto request =
      "POST /v1/responses HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(port) +
      "\r\nauthorization: Bearer " + token +
      "\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  const auto began = std::chrono::steady_clock::now();
  Socket socket;
  const auto answer = socket.exchange(port, request);
  const auto took = std::chrono::steady_clock::now() - began;
  app.request_stop();
  serving.join();
  if (!answer) return answer.error();
  DemoReport report;
  report.listen = "127.0.0.1:" + std::to_string(port);
  report.model = slug;
  report.duration_ms = std::chrono::duration_cast<Milliseconds>(took).count();
  if (auto read = read_answer(*answer, report); !read) return read.error();
  if (!app.recent().empty()) {
    const auto& record = app.recent().back().record;
    report.first_event_ms = record.first_event_ms.value_or(0);
    report.cost_usd = record.cost_usd;
  }
  return report;
}

}  // namespace tpool::proxy
