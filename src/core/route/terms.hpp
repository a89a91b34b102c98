// The numbers behind a score, each with its name: kept with every decision, without an allocation.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tpool::route {

class Terms {
 public:
  static constexpr std::size_t most = 12;
  struct Term {
    std::string_view name;  // a literal
    double value;
  };

  void add(std::string_view name, double value) {
    if (size_ < most) terms_[size_++] = {name, value};
  }
  void clear() { size_ = 0; }
  const Term* begin() const { return terms_.data(); }
  const Term* end() const { return terms_.data() + size_; }
  bool empty() const { return size_ == 0; }
  // Nothing when it is not there.
  const double* find(std::string_view name) const {
    for (const auto& term : *this)
      if (term.name == name) return &term.value;
    return nullptr;
  }

 private:
  std::size_t size_ = 0;
  std::array<Term, most> terms_;  // the first size_ of them
};

}  // namespace tpool::route
