#include "proxy/admin/explain.hpp"

#include <algorithm>
#include <charconv>

#include "proxy/admin/query.hpp"

namespace tpool::admin {
namespace {

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
  const auto parameters = read_query(query);
  if (!parameters) return parameters.error();
  Question question;
  for (const auto& [name, value] : *parameters)
    if (auto fine = assign(question, name, value); !fine) return fine.error();
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
