#include "core/catalog/facts_file.hpp"

#include "core/config/private_file.hpp"
#include "core/json/value.hpp"

namespace tpool::catalog {

std::filesystem::path facts_file(const config::Paths& paths) { return paths.state / "facts.json"; }

Result<std::shared_ptr<const FactsBook>> load_facts(const config::Paths& paths) {
  const auto file = facts_file(paths);
  auto text = config::read_file(file);
  if (!text && text.error().code == Code::not_found) return std::shared_ptr<const FactsBook>();
  if (!text) return text.error();
  const auto damaged = [&](const std::string& why) {
    return corrupt(
        "the fetched model facts " + file.string() + " are damaged: " + why,
        "run 'tpool model update' again, or remove the file for the bundled facts alone");
  };
  std::string date, source;
  {
    auto document = json::Document::parse(*text, "facts");
    if (!document) return damaged(document.error().message);
    date = document->root()["fetched"].string_or("");
    source = document->root()["source"].string_or("");
  }
  auto book = FactsBook::parse(*text, std::move(date), std::move(source));
  if (!book) return damaged(book.error().message);
  return std::make_shared<const FactsBook>(std::move(*book));
}

Result<> save_facts(const config::Paths& paths, const FactsBook& book) {
  if (auto made = config::make_private_folder(paths.state); !made) return made.error();
  return config::replace_file(facts_file(paths), book.text());
}

}  // namespace tpool::catalog
