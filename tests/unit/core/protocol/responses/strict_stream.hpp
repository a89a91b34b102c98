// The rules a Responses stream must keep for Codex and the SDKs, as a state machine.
//
// Fed a whole stream, answers every broken rule. Only for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tpool::protocol::responses {

std::vector<std::string> broken_rules(std::string_view stream);

}  // namespace tpool::protocol::responses
