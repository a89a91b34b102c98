#include "proxy/probe.hpp"

#include "core/catalog/pool.hpp"
#include "core/config/edit.hpp"
#include "core/protocol/echo/echo.hpp"
#include "core/protocol/registry.hpp"
#include "proxy/exchange/hint.hpp"
#include "proxy/net/call.hpp"
#include "proxy/snapshot.hpp"

namespace tpool::proxy {
namespace {

constexpr std::size_t most_body = std::size_t{16} << 20;

// A provider as a probe sees it: outside any pool, with its first usable key.
struct Subject {
  catalog::Resolved provider;
  Destination destination;
};

Result<Subject> subject(const config::Config& config, const std::string& id) {
  const auto* stored = config::find_provider(config, id);
  if (!stored) return not_found("there is no provider '" + id + "'");
  auto resolved = catalog::resolve(*stored);
  if (!resolved) return resolved.error();
  const config::Key* key = nullptr;
  for (const auto& one : stored->keys)
    if (one.enabled && !key) key = &one;
  auto destination = make_destination(config, *resolved, key);
  if (destination.problem) return *destination.problem;
  return Subject{std::move(*resolved), std::move(destination)};
}

// One call and its answer, whole, within a limit.
struct Reply {
  int status = 0;
  std::string body;
  std::string error;  // why there is none
  std::int64_t first_byte_ms = 0;
};

class Caller {
 public:
  Caller() : alarms_(io_), connections_(io_, offload_) { alarms_.arm(alarm_); }

  Reply call(const Subject& subject, std::string_view method, const std::string& path,
             const std::string& extra, std::string_view body, Milliseconds limit) {
    Reply reply;
    io_.restart();
    net::asio::co_spawn(io_.get_executor(), run(subject, method, path, extra, body, limit, reply),
                        [this](std::exception_ptr bug) {
                          if (bug) std::rethrow_exception(bug);
                          io_.stop();
                        });
    io_.run();
    return reply;
  }

 private:
  net::Task<> run(const Subject& subject, std::string_view method, std::string path,
                  std::string extra, std::string_view body, Milliseconds limit, Reply& reply) {
    const auto& origin = subject.destination.origin;
    const auto began = std::chrono::steady_clock::now();
    net::Call call(connections_, origin, alarm_);
    auto failed = co_await call.connect(std::min(limit, subject.provider.connect));
    if (failed) {
      reply.error = failed->message;
      co_return;
    }
    std::string head(method);
    head += " ";
    if (origin.absolute_form()) head += "http://" + origin.authority;
    head += origin.path + path + " HTTP/1.1\r\nhost: " + origin.authority + "\r\n";
    if (origin.absolute_form() && !origin.hop->authorization.empty())
      head += "proxy-authorization: " + origin.hop->authorization + "\r\n";
    head += subject.destination.fields + extra + "user-agent: tpool/" TPOOL_VERSION "\r\n";
    if (method != "GET")
      head += "content-type: application/json\r\ncontent-length: " + std::to_string(body.size()) +
              "\r\n";
    head += "connection: close\r\n\r\n";
    alarm_.set(began + limit);
    const std::span<const std::string_view> pieces(&body, body.empty() ? 0 : 1);
    auto got = co_await call.send(head, pieces);
    if (got == net::Got::ready) got = co_await call.read_head();
    if (got != net::Got::ready) {
      reply.error = got == net::Got::woken ? "no answer in time" : call.problem();
      co_return;
    }
    reply.status = call.head().status;
    reply.first_byte_ms =
        std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began).count();
    std::vector<std::string_view> data;
    while (got == net::Got::ready && reply.body.size() < most_body) {
      got = co_await call.read_body(data);
      for (const auto part : data) reply.body.append(part);
    }
    if (got == net::Got::woken) reply.error = "the answer took too long";
    if (got == net::Got::broken) reply.error = call.problem();
  }

  net::Io io_;
  net::Offload offload_{1};
  net::Alarms alarms_;
  net::Connections connections_;
  net::Alarm alarm_;
};

ir::Request question(const std::string& model, bool with_tool) {
  ir::Request request;
  request.model = model;
  request.stream = true;
  request.max_output = with_tool ? 256 : 16;
  // The marker is for echo; to a model it is one more way of asking.
  const auto text = with_tool ? "Call the tool `ping` once: [[call ping {}]]" : "Say OK.";
  request.items.push_back({ir::Message{ir::Role::user, {ir::Part{ir::Text{text}}}}});
  if (!with_tool) return request;
  ir::Tool tool;
  tool.name = "ping";
  tool.description = "Answers pong.";
  tool.schema = R"({"type":"object","properties":{},"additionalProperties":false})";
  request.tools.push_back(std::move(tool));
  request.tool_choice.mode = ir::ToolChoice::Mode::automatic;
  return request;
}

struct Seen {
  bool stream = false;
  bool text = false;
  bool tool = false;
  bool usage = false;
  std::optional<ir::Failure> failure;
};

void see(const std::vector<ir::Event>& events, Seen& seen) {
  for (const auto& event : events) {
    if (std::holds_alternative<ir::Delta>(event)) seen.text = true;
    if (const auto* block = std::get_if<ir::BlockStart>(&event))
      seen.tool = seen.tool || block->kind == ir::BlockKind::tool_call;
    if (const auto* finished = std::get_if<ir::Finished>(&event))
      seen.usage = seen.usage || finished->usage.has_value();
    if (const auto* failed = std::get_if<ir::Failed>(&event)) seen.failure = failed->failure;
  }
}

struct Asked {
  Seen seen;
  Reply reply;
};

Asked ask(Caller& caller, const Subject& subject, const std::string& model, bool with_tool,
          Milliseconds limit) {
  const auto& codec = *protocol::provider_codec(subject.provider.protocol);
  const protocol::Target target{subject.provider.id, model, subject.provider.dialect_for(model)};
  const auto encoded = codec.encode_request(question(model, with_tool), target);
  std::string extra = "accept: text/event-stream\r\n";
  for (const auto& [name, value] : encoded.headers) extra += name + ": " + value + "\r\n";
  Asked asked;
  asked.reply = caller.call(subject, "POST", codec.path(model, true), extra, encoded.body, limit);
  auto& seen = asked.seen;
  if (!asked.reply.error.empty()) return asked;
  if (asked.reply.status / 100 != 2) {
    seen.failure = codec.decode_error(asked.reply.status, asked.reply.body);
    return asked;
  }
  std::vector<ir::Event> events;
  const auto start = asked.reply.body.find_first_not_of(" \r\n\t");
  if (start != std::string::npos && asked.reply.body[start] == '{') {
    see(codec.decode_answer(asked.reply.body, encoded.names, target), seen);
    return asked;
  }
  seen.stream = true;
  const auto decoder = codec.decoder(encoded.names, target);
  protocol::SseReader sse;
  protocol::SseEvent event;
  sse.feed(asked.reply.body);
  while (sse.next(event)) decoder->feed(event, events);
  if (sse.end(event)) decoder->feed(event, events);
  decoder->end(events);
  see(events, seen);
  return asked;
}

// Echo has no wire to call: its script is the answer.
ModelProbe probe_echo(const std::string& model) {
  const auto events = [&](bool with_tool) {
    std::vector<ir::Event> all;
    for (const auto& step : protocol::echo::script(question(model, with_tool)).steps)
      all.push_back(step.event);
    return all;
  };
  Seen seen;
  see(events(false), seen);
  Seen with_tool;
  see(events(true), with_tool);
  ModelProbe probed;
  probed.model = model;
  probed.ok = seen.text && !seen.failure;
  probed.error = probed.ok ? "" : "it answered nothing";
  probed.streaming = probed.ok;
  probed.tools = with_tool.tool;
  probed.usage = seen.usage;
  return probed;
}

ModelProbe probe_model(Caller& caller, const Subject& subject, const std::string& model,
                       const ProbeOptions& options) {
  ModelProbe probed;
  probed.model = model;
  const auto began = std::chrono::steady_clock::now();
  const auto asked = ask(caller, subject, model, false, options.limit);
  probed.total_ms =
      std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began).count();
  probed.first_event_ms = asked.reply.first_byte_ms;
  probed.error = asked.reply.error;
  if (asked.seen.failure) {
    probed.error = asked.seen.failure->message;
    probed.unauthorized = asked.seen.failure->kind == ir::Failure::Kind::auth;
    if (asked.reply.status) probed.error = std::to_string(asked.reply.status) + ": " + probed.error;
  }
  probed.ok = probed.error.empty();
  probed.streaming = asked.seen.stream;
  probed.usage = asked.seen.usage;
  if (!probed.ok || !options.tools) return probed;
  const auto with_tool = ask(caller, subject, model, true, options.limit);
  probed.tools = !with_tool.seen.failure && with_tool.seen.tool;
  return probed;
}

}  // namespace

Result<ProbeReport> probe(const config::Config& config, const std::string& provider,
                          const std::vector<std::string>& models, const ProbeOptions& options) {
  auto about = subject(config, provider);
  if (!about) return about.error();
  ProbeReport report;
  report.protocol = to_string(about->provider.protocol);
  if (about->provider.protocol == Protocol::echo) {
    for (const auto& model : models) report.models.push_back(probe_echo(model));
    return report;
  }
  if (!protocol::provider_codec(about->provider.protocol))
    return invalid("protocol " + report.protocol + " is not built in");
  Caller caller;
  for (const auto& model : models)
    report.models.push_back(probe_model(caller, *about, model, options));
  return report;
}

Result<std::vector<std::string>> fetch_models(const config::Config& config,
                                              const std::string& provider) {
  auto about = subject(config, provider);
  if (!about) return about.error();
  if (about->provider.protocol == Protocol::echo)
    return std::vector<std::string>(std::begin(protocol::echo::models),
                                    std::end(protocol::echo::models));
  Caller caller;
  const auto reply = caller.call(*about, "GET", "/models", "accept: application/json\r\n", {},
                                 Milliseconds(30'000));
  const auto where =
      about->destination.origin.authority + about->destination.origin.path + "/models";
  if (!reply.error.empty()) return unavailable("cannot fetch " + where + ": " + reply.error);
  if (reply.status == 401 || reply.status == 403)
    return Error{Code::unauthorized,
                 where + " answered " + std::to_string(reply.status) + ": the key is not accepted",
                 "replace it with `tpool key add " + provider + "`"};
  if (reply.status / 100 != 2)
    return unavailable(
        where + " answered " + std::to_string(reply.status),
        "name the models yourself with `tpool provider edit " + provider + " --model ID`");
  return catalog::parse_model_list(reply.body);
}

}  // namespace tpool::proxy
