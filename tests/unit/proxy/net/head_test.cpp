#include "proxy/net/head.hpp"

#include <doctest/doctest.h>

using namespace tpool::net;

namespace {

bool parses(const std::string& raw) {
  Head head;
  head.raw = raw;
  return parse_request(head).has_value();
}

std::string body_of(const std::string& wire, std::size_t step) {
  ChunkReader chunks;
  std::string body;
  std::vector<std::string_view> data;
  for (std::size_t at = 0; at < wire.size() && !chunks.done(); at += step) {
    data.clear();
    const auto used = chunks.feed(std::string_view(wire).substr(at, step), data);
    if (!used) return "error";
    for (const auto part : data) body.append(part);
  }
  return chunks.done() ? body : "unfinished";
}

}  // namespace

TEST_CASE("a head ends at its empty line, however it arrives") {
  const std::string text = "GET / HTTP/1.1\r\nHost: x\r\n\r\nbody";
  CHECK(find_head_end(text, 0) == text.size() - 4);
  for (std::size_t n = 0; n + 4 < text.size(); ++n) {
    const auto searched = n;
    if (n < text.size() - 4) CHECK(find_head_end(text.substr(0, n), 0) == 0);
    CHECK(find_head_end(text, searched) == text.size() - 4);
  }
}

TEST_CASE("a request's parts are found") {
  Head head;
  head.raw = "POST /v1/responses?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nX: y\r\n\r\n";
  REQUIRE(parse_request(head).has_value());
  CHECK(head.method == "POST");
  CHECK(head.target == "/v1/responses?x=1");
  CHECK(head.length == 12);
  CHECK(head.get("x") == "y");
  CHECK(head.keep_alive);
  CHECK_FALSE(head.chunked);
}

TEST_CASE("heads that two readers could read differently are refused") {
  CHECK(parses("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK_FALSE(parses("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"));
  CHECK_FALSE(parses("GET / HTTP/1.1\r\nContent-Length: 1, 1\r\n\r\n"));
  CHECK_FALSE(parses("GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"));
  CHECK_FALSE(parses("GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"));
  CHECK_FALSE(parses("GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"));
  CHECK_FALSE(parses("GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"));
  CHECK_FALSE(parses("GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"));
  CHECK_FALSE(parses("GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n"));
  CHECK_FALSE(parses("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n"));
  CHECK_FALSE(parses("GET / HTTP/1.1\nHost: a\n\n"));
  CHECK_FALSE(parses("GET /\r\n\r\n"));
}

TEST_CASE("an answer has a status of three digits that is one") {
  for (const std::string status : {"000", "099", "20", "2000", "2x0", ""}) {
    Head head;
    head.raw = "HTTP/1.1 " + status + " OK\r\n\r\n";
    CHECK(parse_answer(head).has_error());
  }
  Head head;
  head.raw = "HTTP/1.1 200 OK\r\n\r\n";
  REQUIRE(parse_answer(head).has_value());
  CHECK(head.status == 200);
}

TEST_CASE("a value that goes on in another line is refused, wherever it stands") {
  CHECK_FALSE(parses("GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n"));
  CHECK_FALSE(parses("GET / HTTP/1.1\r\nContent-Length: 1\r\n\t2\r\n\r\n"));
  CHECK_FALSE(parses("GET / HTTP/1.1\r\nHost: a\r\nB: c\r\n \r\n d\r\n\r\n"));
}

TEST_CASE("more fields than anybody needs are refused") {
  std::string raw = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i <= max_fields; ++i) raw += "a: b\r\n";
  CHECK_FALSE(parses(raw + "\r\n"));
}

TEST_CASE("chunks give the same body whole and split at every size") {
  const std::string wire =
      "4\r\nWiki\r\n6;ext=1\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nT: x\r\n\r\n";
  for (std::size_t step = 1; step <= wire.size(); ++step)
    CHECK(body_of(wire, step) == "Wikipedia in \r\n\r\nchunks.");
}

TEST_CASE("a body of no chunks, or of one that starts with a nought, may come byte by byte") {
  for (const std::string wire : {"0\r\n\r\n", "00\r\n\r\n", "0;a=b\r\nT: x\r\n\r\n"})
    for (std::size_t step = 1; step <= wire.size(); ++step) CHECK(body_of(wire, step).empty());
  for (std::size_t step = 1; step <= 12; ++step)
    CHECK(body_of("01\r\nX\r\n0\r\n\r\n", step) == "X");
}

TEST_CASE("bad chunks are refused") {
  CHECK(body_of("zz\r\nabc\r\n0\r\n\r\n", 100) == "error");
  CHECK(body_of("fffffffffffffffff\r\nabc\r\n0\r\n\r\n", 100) == "error");
  CHECK(body_of("3\r\nabcXX0\r\n\r\n", 100) == "error");
  for (const std::size_t step : {1, 100}) {
    CHECK(body_of("3\n\r\nabc\r\n0\r\n\r\n", step) == "error");
    CHECK(body_of("0\n\r\r\n", step) == "error");
  }
  CHECK(body_of("3\r\nabc\r\n", 1) == "unfinished");
}

TEST_CASE("what follows the last chunk is not taken") {
  ChunkReader chunks;
  std::vector<std::string_view> data;
  const std::string wire = "1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n";
  const auto used = chunks.feed(wire, data);
  REQUIRE(used.has_value());
  CHECK(chunks.done());
  CHECK(wire.substr(*used) == "GET / HTTP/1.1\r\n");
}

TEST_CASE("a field value carries no line end") {
  CHECK(field_value("a\r\nb: c") == "a??b: c");
  CHECK(field_value("plain") == "plain");
}
