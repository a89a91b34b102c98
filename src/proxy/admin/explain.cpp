#include "proxy/admin/explain.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace tpool::admin {
namespace {

std::optional<int> digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? digit(text[i + 1]) : std::nullopt;
    const auto low = i + 2 < text.size() ? digit(text[i + 2]) : std::nullopt;
    if (!high || !low) return std::nullopt;
    plain += static_cast<char>(*high * 16 + *low);
    i += 2;
  }
  return plain;
}

Result<> assign_flag(bool& flag, std::string_view name, std::string_view value) {
  if (value != "" && value != "true" && value != "false")
    return invalid(std::string(name) + " must be true or false");
  flag = value != "false";
  return {};
}

template <class Enum>
Result<> assign_word(Enum& field, std::string_view name, std::string_view value,
                     std::initializer_list<Enum> all) {
  const auto* found = std::ranges::find_if(all, [&](Enum one) { return to_string(one) == value; });
  if (found == all.end()) return invalid(std::string(name) + " cannot be " + std::string(value));
  field = *found;
  return {};
}

Result<> assign(Question& question, std::string_view name, const std::string& value) {
  using route::Class;
  if (name == "model") {
    question.model = value;
  } else if (name == "store") {
    question.store = value;
  } else if (name == "session") {
    question.session = value;
  } else if (name == "client") {
    question.client = value;
  } else if (name == "stream") {
    return assign_flag(question.stream, name, value);
  } else if (name == "tools") {
    return assign_flag(question.tools, name, value);
  } else if (name == "images") {
    return assign_flag(question.images, name, value);
  } else if (name == "class") {
    return assign_word(question.request_class, name, value,
                       {Class::interactive, Class::subagent, Class::background, Class::probe});
  } else if (name == "priority") {
    route::Turn turn{};
    if (auto fine = assign_word(turn, name, value,
                                {route::Turn::high, route::Turn::normal, route::Turn::low});
        !fine)
      return fine;
    question.said = route::Priority{turn, route::priority_header};
  } else if (name == "protocol") {
    return assign_word(question.protocol, name, value,
                       {Protocol::responses, Protocol::chat, Protocol::messages});
  } else if (name == "prompt_tokens") {
    const auto* const end = value.data() + value.size();
    const auto [stopped, problem] = std::from_chars(value.data(), end, question.prompt_tokens);
    if (problem != std::errc() || stopped != end || question.prompt_tokens < 0)
      return invalid("prompt_tokens must be a whole number");
    question.bytes = route::bytes_of(question.prompt_tokens);
  } else {
    return invalid("there is no parameter " + std::string(name.substr(0, 64)));
  }
  return {};
}

}  // namespace

Result<Question> read_question(std::string_view query) {
  Question question;
  while (!query.empty()) {
    const auto ampersand = query.find('&');
    const auto one = query.substr(0, ampersand);
    query = ampersand == std::string_view::npos ? "" : query.substr(ampersand + 1);
    if (one.empty()) continue;
    const auto equals = one.find('=');
    const auto name = one.substr(0, equals);
    const auto text =
        equals == std::string_view::npos ? std::string_view() : one.substr(equals + 1);
    const auto value = decoded(text);
    if (!value)
      return invalid("the value of " + std::string(name) + " is not percent-encoded rightly");
    if (auto fine = assign(question, name, *value); !fine) return fine.error();
  }
  if (question.model.empty()) return invalid("which model?", "name it: /api/explain?model=NAME");
  return question;
}

void go_on_from(const route::Sessions::Prompt& prompt, Question& question) {
  question.prompt = prompt.boundaries;
  question.prompt_life_s = prompt.life_s;
  if (question.prompt_tokens >= prompt.tokens) return;
  question.prompt_tokens = prompt.tokens;
  question.bytes = route::bytes_of(prompt.tokens);
}

}  // namespace tpool::admin
