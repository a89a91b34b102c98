#include "core/config/way_out.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::config;

TEST_CASE("the environment's proxy goes by the scheme, in capitals too") {
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "HTTPS_PROXY") return "http://secure";
    if (name == "HTTP_PROXY") return "http://plain";
    return std::nullopt;
  };
  const Config config;
  const Provider provider{"p"};
  for (const auto* url : {"https://api.example.com", "HTTPS://api.example.com"})
    CHECK(way_out(config, provider, nullptr, url, environment).proxy == "http://secure");
  CHECK(way_out(config, provider, nullptr, "HTTP://api.example.com", environment).proxy ==
        "http://plain");
}

TEST_CASE("the environment's proxy may leave out its scheme") {
  const Environment environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "http_proxy") return "127.0.0.1:8080";
    if (name == "https_proxy") return "socks5://127.0.0.1:1080";
    return std::nullopt;
  };
  const Provider provider{"p"};
  const auto plain = way_out(Config(), provider, nullptr, "http://api.example.com", environment);
  CHECK(plain.proxy == "http://127.0.0.1:8080");
  CHECK(plain.from == "http_proxy");
  const auto secure = way_out(Config(), provider, nullptr, "https://api.example.com", environment);
  CHECK(secure.proxy == "socks5://127.0.0.1:1080");
}
