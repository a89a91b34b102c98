#include "proxy/seal_key.hpp"

#include "core/config/private_file.hpp"
#include "core/digest.hpp"
#include "core/log.hpp"

namespace tpool::proxy {

std::string seal_key(const config::Paths& paths) {
  const auto file = paths.state / "seal.key";
  const auto kept = config::read_file(file);
  if (kept && kept->size() >= 32) return *kept;
  static const std::string fresh = new_token();
  Result<> written = config::make_private_folder(paths.state);
  if (written) written = config::replace_file(file, fresh);
  if (!written) log::debug("the key for tokens is not kept: " + written.error().message);
  return fresh;
}

}  // namespace tpool::proxy
