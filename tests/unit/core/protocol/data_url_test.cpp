#include "core/protocol/data_url.hpp"

#include <doctest/doctest.h>

using namespace tpool::protocol;

TEST_CASE("a data: URL in base64 is taken apart, anything else is not one") {
  const auto image = read_data_url("data:image/png;base64,iVBO");
  REQUIRE(image.has_value());
  CHECK(image->media_type == "image/png");
  CHECK(image->data == "iVBO");
  const auto parameters = read_data_url("data:text/plain;charset=utf-8;base64,AA==");
  REQUIRE(parameters.has_value());
  CHECK(parameters->media_type == "text/plain");
  CHECK(read_data_url("data:;base64,AA==")->media_type.empty());
  CHECK_FALSE(read_data_url("data:image/svg+xml,<svg/>").has_value());
  CHECK_FALSE(read_data_url("data:image/png;base64").has_value());
  CHECK_FALSE(read_data_url("https://example.com/a,b;base64,c").has_value());
  CHECK_FALSE(read_data_url("").has_value());
}

TEST_CASE("a name suggests a media type by its ending") {
  CHECK(media_type_of("https://example.com/a/cat.JPG?size=1.png#x") == "image/jpeg");
  CHECK(media_type_of("report.pdf") == "application/pdf");
  CHECK(media_type_of("archive").empty());
  CHECK(media_type_of("a.unknown").empty());
  CHECK(media_type_of("").empty());
}
