// Schemas of tools and of answers as one provider takes them. Any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/ir/loss.hpp"
#include "core/ir/request.hpp"

namespace tpool::protocol {

// The same schema without any `required` that names nothing: older validators refuse it.
std::string without_empty_required(std::string_view schema);

// True for the schema of an object that may be declared strict to Chat and Responses providers:
// every object in it requires all its properties and forbids others, every value has a type, and
// nothing is combined but by `anyOf`.
bool is_closed_schema(std::string_view schema);

// Whether an answer's schema goes to them as a strict one; counts where that was asked for and
// cannot be.
bool fitting_strictness(const ir::Format& format, std::vector<ir::Loss>& losses);

}  // namespace tpool::protocol
