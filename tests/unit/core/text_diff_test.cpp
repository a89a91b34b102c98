#include "core/text_diff.hpp"

#include <doctest/doctest.h>

using namespace tpool;

TEST_CASE("equal texts have no diff") {
  CHECK(unified_diff("", "", "f") == "");
  CHECK(unified_diff("a\n", "a\n", "f") == "");
}

TEST_CASE("a change is shown with three lines around it") {
  CHECK(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n", "f") ==
        "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST_CASE("a new file, an emptied file and single lines have the usual ranges") {
  CHECK(unified_diff("", "a\nb\n", "f") == "--- f\n+++ f\n@@ -0,0 +1,2 @@\n+a\n+b\n");
  CHECK(unified_diff("a\n", "", "f") == "--- f\n+++ f\n@@ -1 +0,0 @@\n-a\n");
  CHECK(unified_diff("a\n", "b\n", "f") == "--- f\n+++ f\n@@ -1 +1 @@\n-a\n+b\n");
}

TEST_CASE("distant changes are two hunks, near ones share one") {
  std::string before;
  for (int i = 1; i <= 20; ++i) before += std::to_string(i) + "\n";
  std::string after = before;
  after.replace(after.find("2\n"), 1, "x");
  after.replace(after.find("19\n"), 2, "y");
  const std::string far = unified_diff(before, after, "f");
  CHECK(far.find("@@ -1,5 +1,5 @@\n 1\n-2\n+x\n 3\n 4\n 5\n") != std::string::npos);
  CHECK(far.find("@@ -16,5 +16,5 @@\n 16\n 17\n 18\n-19\n+y\n 20\n") != std::string::npos);
  const std::string near =
      unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n", "x\n2\n3\n4\n5\n6\n7\ny\n", "f");
  CHECK(near.find("@@", near.find("@@ ", 12) + 20) == std::string::npos);
}

TEST_CASE("a missing newline at the end is said, a changed line end is a change") {
  CHECK(unified_diff("a", "a\n", "f") ==
        "--- f\n+++ f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n");
  CHECK(unified_diff("a\r\n", "a\n", "f") == "--- f\n+++ f\n@@ -1 +1 @@\n-a\r\n+a\n");
}

TEST_CASE("a moved block keeps what is common") {
  CHECK(unified_diff("a\nb\nc\n", "b\nc\na\n", "f") ==
        "--- f\n+++ f\n@@ -1,3 +1,3 @@\n-a\n b\n c\n+a\n");
}

TEST_CASE("texts too different to align are a removal and an addition") {
  std::string before;
  std::string after;
  for (int i = 0; i < 3000; ++i) {
    before += "a" + std::to_string(i) + "\n";
    after += "b" + std::to_string(i) + "\n";
  }
  const std::string diff = unified_diff(before, after, "f");
  CHECK(diff.starts_with("--- f\n+++ f\n@@ -1,3000 +1,3000 @@\n-a0\n-a1\n"));
  CHECK(diff.ends_with("+b2999\n"));
}
