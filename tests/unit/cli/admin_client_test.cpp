#include "cli/admin_client.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <thread>

using namespace tpool;
using namespace tpool::cli;

namespace {

// With a token of the user's a call would go on to wherever their serve listens.
const bool without_token = ::unsetenv("TPOOL_TOKEN") == 0;

struct Scratch {
  Scratch() {
    char name[] = "/tmp/tpool-admin-XXXXXX";
    folder = ::mkdtemp(name);
    paths.runtime = folder;
  }
  ~Scratch() { std::filesystem::remove_all(folder); }
  std::filesystem::path folder;
  config::Paths paths;
};

int listen_at(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path.c_str());
  const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(listener, 4) == 0);
  return listener;
}

}  // namespace

TEST_CASE("a reply is read by its length, by its chunks, or to its end") {
  CHECK(*read_reply("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}rest") == "{}");
  CHECK(*read_reply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n") ==
        "{}");
  CHECK(*read_reply("HTTP/1.1 200 OK\r\n\r\n{}") == "{}");
}

TEST_CASE("a damaged reply is corrupt, and an error reply is the error it carries") {
  for (const char* bad :
       {"", "nonsense", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"}) {
    CAPTURE(bad);
    const auto reply = read_reply(bad);
    REQUIRE_FALSE(reply.has_value());
    CHECK(reply.error().code == Code::corrupt);
  }
  const auto refused = read_reply(
      "HTTP/1.1 404 Not Found\r\n\r\n"
      R"({"error":{"code":"not_found","message":"no such thing","hint":"look"}})");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error() == Error{Code::not_found, "no such thing", "look"});
  CHECK(read_reply("HTTP/1.1 500 Oops\r\n\r\n").error().message == "tpool serve answered 500");
}

TEST_CASE("nothing listening is unavailable and says how to start it") {
  Scratch scratch;
  CHECK_FALSE(serve_is_running(scratch.paths));
  const auto reply = admin_call(scratch.paths, "GET", "/health");
  REQUIRE_FALSE(reply.has_value());
  CHECK(reply.error().code == Code::unavailable);
  CHECK(reply.error().hint.find("tpool serve") != std::string::npos);
  // A socket file whose owner is gone.
  ::close(listen_at(scratch.paths.admin_socket()));
  CHECK(admin_call(scratch.paths, "GET", "/health").error().code == Code::unavailable);
}

TEST_CASE("a call is sent whole and its answer read; one that never comes is a timeout") {
  Scratch scratch;
  const int listener = listen_at(scratch.paths.admin_socket());
  std::string asked;
  std::thread server([&] {
    const int line = ::accept(listener, nullptr, nullptr);
    char text[4096];
    asked.assign(text, static_cast<std::size_t>(::read(line, text, sizeof text)));
    const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n{\"ok\":true}";
    REQUIRE(::write(line, answer.data(), answer.size()) == static_cast<ssize_t>(answer.size()));
    ::close(line);
  });
  const auto reply = admin_call(scratch.paths, "GET", "/api/status", Milliseconds(600'000));
  server.join();
  CHECK(reply.value() == "{\"ok\":true}");
  CHECK(asked.starts_with("GET /api/status HTTP/1.1\r\nHost: localhost\r\n"));
  const auto late = admin_call(scratch.paths, "GET", "/health", Milliseconds(20));
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().code == Code::timeout);
  ::close(listener);
}

TEST_CASE("a path too long for a socket is said, not cut") {
  config::Paths paths;
  paths.runtime = "/tmp/" + std::string(200, 'x');
  CHECK(admin_call(paths, "GET", "/health").error().code == Code::invalid);
}
