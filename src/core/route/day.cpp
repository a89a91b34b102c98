#include "core/route/day.hpp"

#include <ctime>

namespace tpool::route {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::system_clock;

std::tm local(std::time_t time) {
  std::tm parts{};
  ::localtime_r(&time, &parts);
  return parts;
}

bool same_date(std::time_t time, const std::tm& date) {
  const auto parts = local(time);
  return parts.tm_yday == date.tm_yday && parts.tm_year == date.tm_year;
}

// The date is `date` at `inside` and another one at `outside`: the first or last second of it. A
// search rather than mktime(), which cannot say when a day begins that has no midnight.
std::time_t edge(std::time_t inside, std::time_t outside, const std::tm& date) {
  while (inside - outside > 1 || outside - inside > 1) {
    const auto middle = inside + (outside - inside) / 2;
    (same_date(middle, date) ? inside : outside) = middle;
  }
  return inside;
}

}  // namespace

Day local_day(TimePoint now) {
  constexpr std::time_t longest = std::chrono::duration_cast<seconds>(hours(26)).count();
  const auto time = std::chrono::floor<seconds>(now).time_since_epoch().count();
  const auto date = local(time);
  return {system_clock::from_time_t(edge(time, time - longest, date)),
          system_clock::from_time_t(edge(time, time + longest, date) + 1)};
}

std::string local_text(TimePoint time) {
  const auto parts = local(system_clock::to_time_t(time));
  char text[64];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M %Z", &parts)};
}

}  // namespace tpool::route
