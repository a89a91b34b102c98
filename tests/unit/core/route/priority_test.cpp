#include "core/route/priority.hpp"

#include <doctest/doctest.h>

#include "core/route/envelope.hpp"
#include "core/route/profile.hpp"

using namespace tpool::route;

namespace {

std::string said(std::string_view header, std::string_view metadata, std::string_view tier) {
  const auto priority = explicit_priority(header, metadata, tier);
  return priority ? std::string(to_string(priority->turn)) + " by " + std::string(priority->by)
                  : "nothing";
}

}  // namespace

TEST_CASE("a header says the priority before the metadata, and that before the service tier") {
  CHECK(said("low", "high", "priority") == "low by x-tpool-priority");
  CHECK(said("", "normal", "priority") == "normal by metadata.priority");
  CHECK(said("", "", "priority") == "high by service_tier");
  CHECK(said("High", "", "flex") == "high by x-tpool-priority");
}

TEST_CASE("a word nobody agreed on is the client's own, and the next one is asked") {
  CHECK(said("urgent", "7", "flex") == "low by service_tier");
  CHECK(said("", "LOW", "") == "nothing");
  CHECK(said("highest", "lo", "scale") == "nothing");
}

TEST_CASE("a tier that asks for what is done anyway leaves the priority to the class") {
  for (const auto* tier : {"auto", "default", "standard_only", ""}) {
    CAPTURE(tier);
    CHECK(said("", "", tier) == "nothing");
  }
  CHECK(said("", "", "fast") == "high by service_tier");
}

TEST_CASE("what is said wins over the class: the queue, the stake and the worth of time") {
  Envelope envelope;
  envelope.request_class = Class::background;
  CHECK(envelope.priority().turn == Turn::low);
  CHECK(envelope.priority().by == "class");
  CHECK(envelope.low_stake());
  const auto usual = stakes(Profile::balanced, Class::background);
  CHECK(usual.usd_per_second == doctest::Approx(0.0005));

  envelope.said = Priority{Turn::high, priority_header};
  CHECK(envelope.priority().turn == Turn::high);
  CHECK_FALSE(envelope.low_stake());
  const auto raised = stakes(Profile::balanced, Class::background, Turn::high);
  CHECK(raised.usd_per_second == doctest::Approx(0.005));
  // It still is a call with none after it.
  CHECK(raised.horizon == 1);

  envelope.request_class = Class::interactive;
  envelope.said = Priority{Turn::low, priority_header};
  CHECK(envelope.low_stake());
  const auto lowered = stakes(Profile::balanced, Class::interactive, Turn::low);
  CHECK(lowered.usd_per_second == doctest::Approx(0.0005));
  CHECK(lowered.horizon == 8);
}
