#include "cli/endpoint_url.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::cli;

TEST_CASE("the URL of one call gives its base and its protocol") {
  const auto check = [](const char* pasted, const char* base, std::optional<Protocol> protocol) {
    CAPTURE(pasted);
    const auto endpoint = read_endpoint(pasted);
    REQUIRE(endpoint.has_value());
    CHECK(endpoint->base_url == base);
    CHECK(endpoint->protocol == protocol);
  };
  check("https://a.com/v1/chat/completions", "https://a.com/v1", Protocol::chat);
  check("https://a.com/v1/chat/completions/", "https://a.com/v1", Protocol::chat);
  check(" https://a.com/v1/responses\n", "https://a.com/v1", Protocol::responses);
  check("https://a.com/v1/messages", "https://a.com/v1", Protocol::messages);
  check("https://a.com/v1/models", "https://a.com/v1", std::nullopt);
  check("https://g.com/v1beta/models/gemini-2.5-pro:generateContent", "https://g.com/v1beta",
        Protocol::gemini);
  check("https://g.com/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse",
        "https://g.com/v1beta", Protocol::gemini);
  check("https://a.com/v1/messages?beta=true", "https://a.com/v1", Protocol::messages);
  check("https://a.com/v1/messages/count_tokens", "https://a.com/v1", Protocol::messages);
  check("https://a.com/v1/embeddings", "https://a.com/v1", std::nullopt);
  check("http://127.0.0.1:11434/api/chat", "http://127.0.0.1:11434/v1", Protocol::chat);
  check(
      "https://r.openai.azure.com/openai/deployments/mine/chat/completions?api-version=2024-10-21",
      "https://r.openai.azure.com/openai/v1", Protocol::chat);
  check("https://r.openai.azure.com/openai/responses?api-version=preview",
        "https://r.openai.azure.com/openai/v1", Protocol::responses);
  check("http://127.0.0.1:8000/v1/", "http://127.0.0.1:8000/v1", std::nullopt);
  check("https://a.com", "https://a.com", std::nullopt);
  check("\t https://a.com/v1 \r\n", "https://a.com/v1", std::nullopt);
  check("https://a.com/api/anthropic", "https://a.com/api/anthropic", Protocol::messages);
  check("https://a.com/anthropic/v1/models", "https://a.com/anthropic/v1", Protocol::messages);
  check("https://g.com/v1beta/openai/", "https://g.com/v1beta/openai", Protocol::chat);
}

TEST_CASE("a URL that is none, or that holds a secret, is refused without repeating it") {
  for (const char* bad : {"a.com/v1", "ftp://a.com", "https://", "https://user:sesame@a.com/v1",
                          "https://a.com/v1?key=sesame", "https://a.com/v1?alt=sse&key=sesame",
                          "https://a.com/#sesame", ""}) {
    CAPTURE(bad);
    const auto endpoint = read_endpoint(bad);
    REQUIRE_FALSE(endpoint.has_value());
    CHECK(endpoint.error().code == Code::invalid);
    CHECK((endpoint.error().message + endpoint.error().hint).find("sesame") == std::string::npos);
  }
}

TEST_CASE("an address means another where it is a part of its way, whatever the version") {
  for (const char* pasted : {"https://a.com", "https://a.com/v1", "https://a.com/api",
                             "https://a.com/api/v3", "https://a.com/api/v4"}) {
    CAPTURE(pasted);
    CHECK(leads_to(pasted, "https://a.com/api/v4"));
  }
  for (const char* pasted : {"https://a.com/ap", "https://a.com/api/coding/v4", "https://a.co",
                             "https://a.com/anthropic", "https://a.com/api/video"}) {
    CAPTURE(pasted);
    CHECK_FALSE(leads_to(pasted, "https://a.com/api/v4"));
  }
}

TEST_CASE("this machine is told from others") {
  for (const char* here : {"http://localhost:11434/v1", "http://127.0.0.1/v1", "http://[::1]:80/"})
    CHECK(is_loopback(here));
  for (const char* there : {"https://localhost.example.com/v1", "https://a.com", "", "localhost"})
    CHECK_FALSE(is_loopback(there));
}
