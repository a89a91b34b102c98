#include "proxy/net/origin.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::net;

TEST_CASE("an origin is the scheme, host and port of a base URL, and the way to it") {
  const auto origin = make_origin("https://api.example.com/v1/", "direct");
  REQUIRE(origin.has_value());
  CHECK(origin->tls);
  CHECK(origin->port == 443);
  CHECK(origin->path == "/v1");
  CHECK(origin->authority == "api.example.com");
  CHECK_FALSE(origin->hop);
  CHECK(make_origin("http://[::1]:8080/v1", "")->authority == "[::1]:8080");
}

TEST_CASE("a scheme means the same in capitals") {
  const auto origin = make_origin("HTTPS://api.example.com", "HTTP://proxy");
  REQUIRE(origin.has_value());
  CHECK(origin->tls);
  CHECK_FALSE(origin->hop->tls);
  CHECK(origin->key == make_origin("https://api.example.com", "http://proxy")->key);
}

TEST_CASE("proxies in the clear and through TLS are different ways") {
  const auto clear = make_origin("http://a", "http://me:p%20w@proxy");
  const auto tls = make_origin("http://a", "https://me:p%20w@proxy");
  REQUIRE(clear.has_value());
  REQUIRE(tls.has_value());
  CHECK(clear->hop->port == 80);
  CHECK(tls->hop->port == 443);
  CHECK(tls->hop->tls);
  CHECK(tls->hop->authorization == "Basic bWU6cCB3");
  CHECK(tls->absolute_form());
  CHECK(clear->key != tls->key);
}

TEST_CASE("what is no proxy is refused without its password") {
  const auto refused = make_origin("http://a", "socks5://me:secret@proxy:1");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message.find("secret") == std::string::npos);
  CHECK(refused.error().message.find("proxy:1") != std::string::npos);
  CHECK_FALSE(make_origin("ftp://a", "").has_value());
  CHECK_FALSE(make_origin("http://a%0d%0ax:b", "").has_value());
  CHECK_FALSE(make_origin("http://a", "http://b%20c").has_value());
  CHECK_FALSE(make_origin("http://a%0d%0ax/", "").has_value());
  CHECK_FALSE(make_origin("http://", "").has_value());
}
