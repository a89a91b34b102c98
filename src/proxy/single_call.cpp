#include "proxy/single_call.hpp"

#include "core/config/edit.hpp"

namespace tpool::proxy {

Result<Subject> subject(const config::Config& config, const std::string& id) {
  const auto* stored = config::find_provider(config, id);
  if (!stored) return not_found("there is no provider '" + id + "'");
  auto resolved = catalog::resolve(*stored, config.routing);
  if (!resolved) return resolved.error();
  const config::Key* key = nullptr;
  for (const auto& one : stored->keys)
    if (one.enabled && !key) key = &one;
  auto destination = make_destination(config, *resolved, key);
  if (destination.problem) return *destination.problem;
  return Subject{std::move(*resolved), std::move(destination)};
}

Reply Caller::call(const Subject& subject, std::string_view method, const std::string& path,
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

net::Task<> Caller::run(const Subject& subject, std::string_view method, std::string path,
                        std::string extra, std::string_view body, Milliseconds limit,
                        Reply& reply) {
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
    head +=
        "content-type: application/json\r\ncontent-length: " + std::to_string(body.size()) + "\r\n";
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

}  // namespace tpool::proxy
