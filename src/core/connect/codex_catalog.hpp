// The pool as Codex's model catalog (codex-rs ModelInfo, read from the real client).
//
// Complete entries only: agent instructions come from the installed Codex's own bundled catalog
// when given, else from our bundled minimum. The ETag is a digest of the text. Pure; any thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/catalog/pool.hpp"
#include "core/error.hpp"

namespace tpool::connect {

struct Catalog {
  std::string json;  // {"models":[...]}; also a valid OpenAI list: {"object":"list","data":[...]}
  std::string etag;  // with quotes, as a header carries it
};

// `template_entry`: one ModelInfo object of the installed Codex as JSON text, or empty.
// `shown` leaves out the models it refuses by name; empty: all are shown.
// invalid when no entry would be listed: an empty catalog is never written.
Result<Catalog> codex_catalog(const catalog::Pool& pool, std::string_view template_entry,
                              const std::function<bool(std::string_view)>& shown = {});

}  // namespace tpool::connect
