// Facts that a user fetched: a models.dev document, reduced to the providers tpool has presets for.
//
// Newer than the bundled table, older than the store's word. Parsing is tolerant of members it does
// not know and strict about the shape: a document without one usable model is an error. Numbers
// out of range and prices below zero are dropped, never repaired. Immutable once made; any thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/catalog/facts.hpp"
#include "core/error.hpp"

namespace tpool::catalog {

class FactsBook {
 public:
  // `date` is YYYY-MM-DD, the day it was fetched; `source` says from where, for people.
  FactsBook(FactsBook&&) = default;
  FactsBook& operator=(FactsBook&&) = default;

  static Result<FactsBook> parse(std::string_view json, std::string date, std::string source);

  const std::string& date() const { return date_; }
  const std::string& source() const { return source_; }
  std::size_t size() const;

  // What the seller (a preset id) says of its own model, prices included; nullptr when it is
  // silent.
  const Facts* at(std::string_view seller, std::string_view model_id) const;
  // What anybody says of the model of that name, whose prices are not to be used.
  const Facts* anywhere(std::string_view model_id) const;

  // The kept form: the same document with nothing but what is read here, and when and whence.
  std::string text() const;

  using Models = std::map<std::string, Facts, std::less<>>;
  const std::map<std::string, Models, std::less<>>& sellers() const { return sellers_; }

 private:
  FactsBook() = default;
  void index();

  std::string date_;
  std::string source_;
  std::map<std::string, Models, std::less<>> sellers_;
  std::map<std::string, const Facts*, std::less<>> by_name_;  // lowercase, without vendor
};

// What the step from one book to another changes, one line each: "openai/gpt-5.5: input 5 -> 4".
struct BookDiff {
  std::size_t added = 0;
  std::size_t removed = 0;
  std::size_t changed = 0;
  std::vector<std::string> lines = {};  // at most a hundred
};
BookDiff compare(const FactsBook* before, const FactsBook& after);

}  // namespace tpool::catalog
