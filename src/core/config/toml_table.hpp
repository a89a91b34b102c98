// Strict reads of one TOML table into fields of the Config.
//
// The first wrong type or word is kept in the Report with file, line and column; later reads of the
// same Report do nothing. A key that is absent leaves the field as it is; one that nobody asked for
// is told by unknown_keys(). Any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.hpp"
#include "core/config/toml_tree.hpp"
#include "core/config/words.hpp"

namespace tpool::config {

struct Report {
  const std::string& name;  // of the file
  std::optional<Error> first = {};
  // Of each table, how errors call it and which keys were asked for.
  struct Asked {
    std::string label;
    std::vector<std::string_view> keys;
  };
  std::map<const TomlNode*, Asked> asked = {};

  void add(const TomlNode& node, const std::string& message, std::string hint = {});
};

// One sentence for each key of a table that was read whole and without an error, in the order of
// the text: "tpool.toml:3:1: ...; did you mean listen?".
std::vector<std::string> unknown_keys(const Report& report);

class TomlTable {
 public:
  // `label` is how errors call the table: "provider.limits". Keys are asked for by literals.
  TomlTable(const TomlNode& node, std::string label, Report& report)
      : node_(node), label_(std::move(label)), report_(report) {}

  const TomlNode* find(std::string_view key) const;
  const TomlNode& node() const { return node_; }

  template <class T>
  void read(std::string_view key, T& out) const {
    if (const TomlNode* found = usable(key)) take(*found, where(key), out);
  }
  template <class T>
  void read(std::string_view key, std::optional<T>& out) const {
    T value{};
    const TomlNode* found = usable(key);
    if (found != nullptr && take(*found, where(key), value)) out = std::move(value);
  }
  // A string that must be there and not be empty.
  void read_required(std::string_view key, std::string& out) const;
  // A string out of a closed set.
  void read_word(std::string_view key, words::Set set, std::optional<std::string>& out) const;
  void read_word(std::string_view key, words::Set set, std::string& out) const;
  // A table whose values may also be booleans and integers, kept as they are spelled.
  void read_flags(std::string_view key, std::map<std::string, std::string>& out) const;
  // An array of tables; each element is handed to `each`.
  template <class Each>
  void read_list(std::string_view key, Each each) const {
    for (const TomlNode* element : list(key)) each(TomlTable(*element, where(key), report_));
  }
  // A table inside this one, or nothing.
  std::optional<TomlTable> table(std::string_view key) const;

 private:
  std::string where(std::string_view key) const;
  const TomlNode* usable(std::string_view key) const;
  std::vector<const TomlNode*> list(std::string_view key) const;
  bool refuse(const TomlNode& node, const std::string& where, std::string_view wanted) const;

  bool take(const TomlNode& node, const std::string& where, std::string& out) const;
  bool take(const TomlNode& node, const std::string& where, bool& out) const;
  bool take(const TomlNode& node, const std::string& where, std::int64_t& out) const;
  bool take(const TomlNode& node, const std::string& where, double& out) const;
  bool take(const TomlNode& node, const std::string& where, Milliseconds& out) const;
  bool take(const TomlNode& node, const std::string& where, Failover& out) const;
  bool take(const TomlNode& node, const std::string& where, std::vector<std::string>& out) const;
  bool take(const TomlNode& node, const std::string& where,
            std::map<std::string, std::string>& out) const;

  const TomlNode& node_;
  std::string label_;
  Report& report_;
};

}  // namespace tpool::config
