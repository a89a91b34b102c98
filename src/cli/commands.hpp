// The command tree: every noun and verb of tpool, and the options all of them share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"

namespace tpool::cli {

// The root; its options are the global ones, usable before and after the verb.
const Command& commands();

// "tpool provider add" for help, errors and the man page.
std::string full_name(const std::vector<const Command*>& path);

// One function per noun or verb, each in the file of that name.
Command provider_noun();
Command key_noun();
Command model_noun();
Command developer_noun();
Command rule_noun();
Command route_noun();
Command pool_noun();
Command catalog_noun();
Command client_noun();
Command config_noun();
Command limit_noun();
Command budget_noun();
Command connect_verb();
Command disconnect_verb();
Command serve_verb();
Command status_verb();
Command demo_verb();
Command sim_verb();
Command completion_verb();
Command version_verb();
Command man_verb();

}  // namespace tpool::cli
