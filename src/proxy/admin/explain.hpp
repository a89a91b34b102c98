// What a request would meet, without sending it: `GET /api/explain?model=...`.
//
// model, protocol, class, session, client, prompt_tokens, and stream, tools, images (true when
// named alone); store: the file that it is asked of, when one is named. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/error.hpp"
#include "core/route/sessions.hpp"

namespace tpool::admin {

struct Question : route::Envelope {
  std::string store = {};
};

// invalid for a parameter that is not known or has a value it cannot have.
Result<Question> read_question(std::string_view query);

// As if the session's next request came: what it was last served with, and what comes on top when
// the question says how long the prompt is.
void go_on_from(const route::Sessions::Prompt& prompt, Question& question);

}  // namespace tpool::admin
