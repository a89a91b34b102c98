// What the name of a model alone says: a long-context marker, and whether it chats.
//
// Any thread.
#pragma once

#include <string_view>

namespace tpool::catalog {

// False for what a provider's list also holds and no chat client can use: embeddings, speech,
// images, moderation. By name, so an unknown name counts as able to chat.
bool can_chat(std::string_view model_id);

// The word that gives it away, "embedding"; empty when it can chat.
std::string_view other_kind(std::string_view model_id);

}  // namespace tpool::catalog
