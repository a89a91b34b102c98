#include "proxy/probe.hpp"

#include "core/catalog/pool.hpp"
#include "core/protocol/echo/echo.hpp"
#include "core/protocol/registry.hpp"
#include "proxy/exchange/hint.hpp"
#include "proxy/single_call.hpp"

namespace tpool::proxy {
namespace {

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

}  // namespace tpool::proxy
