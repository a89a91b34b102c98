#include "cli/provider_view.hpp"

#include <doctest/doctest.h>

using namespace tpool;
using namespace tpool::cli;

TEST_CASE("the nearest word on a proxy wins, and says who spoke") {
  config::Config config;
  config::Provider provider{.id = "a"};
  config::Key key{.id = "main", .group = "team"};
  const auto check = [&](const char* value, const char* from) {
    const auto choice = proxy_of(config, provider, &key);
    CHECK(choice.value == value);
    CHECK(choice.from == from);
  };
  check("inherit", "environment");
  config.settings.proxy = "http://s:1";
  check("http://s:1", "settings");
  provider.proxy = "direct";
  check("direct", "provider a");
  config.groups = {{.id = "team", .proxy = "http://g:1"}};
  check("http://g:1", "group team");
  key.proxy = "inherit";
  check("http://g:1", "group team");
  key.proxy = "http://user:sesame@k:1";
  check("http://****@k:1", "key main");
}
