// Schemas of tools as one provider takes them. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace tpool::protocol {

// The same schema without any `required` that names nothing: older validators refuse it.
std::string without_empty_required(std::string_view schema);

}  // namespace tpool::protocol
