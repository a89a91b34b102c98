#include "core/json/value.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "core/json/walk.hpp"
#include "core/json/write.hpp"

#if defined(__SSE2__)
#define RAPIDJSON_SSE2
#endif
#define RAPIDJSON_HAS_STDSTRING 0
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

namespace tpool::json {
namespace {

using Node = rapidjson::Value;
using Pool = rapidjson::MemoryPoolAllocator<>;

const Node& node_of(const void* node) { return *static_cast<const Node*>(node); }

// What a whole document may hold: RapidJSON counts in 32 bits.
constexpr std::size_t max_text = std::size_t{1} << 31;
// RapidJSON reads whole blocks of 16 bytes around the end.
constexpr std::size_t padding = 32;
constexpr std::size_t smallest_chunk = 512;
constexpr std::size_t largest_chunk = std::size_t{64} << 10;

// With a fraction or an exponent, but nothing of it left in a double: over some of them RapidJSON
// shifts by 64 bits, over others it reads outside its table of powers or arrives at NaN.
bool is_long_zero(std::string_view number) {
  if (number.starts_with('-')) number.remove_prefix(1);
  const auto digits = number.substr(0, number.find_first_of("eE"));
  if (digits.size() == number.size() && digits.find('.') == digits.npos) return false;
  const auto first = digits.find_first_not_of("0.");
  if (first == digits.npos) return true;
  // The power of ten of the first digit that counts.
  const auto point = std::min(digits.find('.'), digits.size());
  auto power = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first);
  if (first < point) --power;
  const auto exponent = number.substr(std::min(digits.size() + 1, number.size()));
  const bool below = exponent.starts_with('-');
  constexpr std::int64_t beyond = std::int64_t{1} << 40;
  std::int64_t shift = 0;
  for (const char c : exponent)
    if (c >= '0' && c <= '9') shift = std::min(shift * 10 + (c - '0'), beyond);
  power += below ? -shift : shift;
  // The smallest double is 4.9e-324, and what lies below half of it nought.
  return power < -324 || (power == -324 && digits[first] < '3');
}

// Finds those, told by the walker.
struct Checked {
  void key(const Token&, std::size_t) {}
  void string(const Token&, std::size_t) {}
  void other(const Token& token, std::size_t) {
    if (is_long_zero(text.substr(token.begin, token.end - token.begin))) zeros.push_back(token);
  }
  void open(std::size_t, bool, std::size_t) {}
  void close(std::size_t, bool, std::size_t) {}

  std::string_view text;
  std::vector<Token> zeros = {};
};

// Says such a nought as 0.0, with white space in its other places.
void shorten(char* begin, char* end) {
  constexpr std::string_view zero = "0.0";
  if (*begin == '-') ++begin;
  std::fill(std::copy(zero.begin(), zero.end(), begin), end, ' ');
}

void append_number(Writer& out, const Node& node) {
  if (node.IsInt64()) {
    out.integer(node.GetInt64());
  } else if (node.IsUint64()) {
    out.raw(std::to_string(node.GetUint64()));
  } else {
    const double value = node.GetDouble();
    std::string text;
    Writer(text).number(value);
    // A number written with a point stays one: some readers tell 1.0 from 1.
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    out.raw(text);
  }
}

// Recursion is bounded: a Document is at most max_depth deep.
void append(Writer& out, const Node& node) {
  switch (node.GetType()) {
    case rapidjson::kNullType: out.null(); break;
    case rapidjson::kFalseType: out.boolean(false); break;
    case rapidjson::kTrueType: out.boolean(true); break;
    case rapidjson::kStringType: out.string({node.GetString(), node.GetStringLength()}); break;
    case rapidjson::kNumberType: append_number(out, node); break;
    case rapidjson::kArrayType:
      out.begin_array();
      for (const Node& element : node.GetArray()) append(out, element);
      out.end_array();
      break;
    case rapidjson::kObjectType:
      out.begin_object();
      for (const auto& member : node.GetObject()) {
        out.key({member.name.GetString(), member.name.GetStringLength()});
        append(out, member.value);
      }
      out.end_object();
      break;
  }
}

}  // namespace

// A small document, such as an event of a stream, lies whole in here.
struct Document::Parsed {
  explicit Parsed(std::string_view text)
      : far(text.size() + padding > near.size() ? new char[text.size() + padding] : nullptr),
        scratch(far ? far.get() : near.data()),
        pool(first.data(), first.size(),
             std::min(std::max(text.size(), smallest_chunk), largest_chunk), &memory),
        document(&pool, 1024, &memory) {
    std::memcpy(scratch, text.data(), text.size());
    std::memset(scratch + text.size(), 0, padding);
  }

  static inline rapidjson::CrtAllocator memory;  // has no state

  std::array<char, 288> near;
  std::unique_ptr<char[]> far;
  char* scratch;  // near or far; strings point into it
  alignas(16) std::array<char, 512> first;
  Pool pool;
  rapidjson::Document document;
};

Document::Document(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(std::string_view text, std::string_view what) {
  if (text.size() >= max_text)
    return invalid(std::string(what) + " is larger than 2 GiB, too large to read as JSON");
  Checked checked{text};
  if (const auto fault = walk(text, checked)) return fault_error(text, what, *fault);
  auto parsed = std::make_unique<Parsed>(text);
  for (const Token& zero : checked.zeros)
    shorten(parsed->scratch + zero.begin, parsed->scratch + zero.end);
  // In situ and without the encoding flag: only so RapidJSON takes its fast path for strings.
  constexpr unsigned flags = rapidjson::kParseInsituFlag | rapidjson::kParseFullPrecisionFlag;
  parsed->document.ParseInsitu<flags>(parsed->scratch);
  if (parsed->document.HasParseError())
    return fault_error(text, what,
                       {parsed->document.GetErrorOffset(),
                        parsed->document.GetParseError() == rapidjson::kParseErrorNumberTooBig
                            ? "the number is out of range"
                            : rapidjson::GetParseError_En(parsed->document.GetParseError())});
  return Document(std::move(parsed));
}

Value Document::root() const {
  const Node& root = parsed_->document;
  return root.IsNull() ? Value() : Value(&root);
}

bool Value::is_object() const { return node_ && node_of(node_).IsObject(); }
bool Value::is_array() const { return node_ && node_of(node_).IsArray(); }
bool Value::is_string() const { return node_ && node_of(node_).IsString(); }
bool Value::is_number() const { return node_ && node_of(node_).IsNumber(); }
bool Value::is_bool() const { return node_ && node_of(node_).IsBool(); }

Value Value::operator[](std::string_view name) const {
  if (!is_object()) return {};
  const auto members = node_of(node_).GetObject();
  for (auto member = members.MemberEnd(); member != members.MemberBegin();) {
    --member;
    if (std::string_view(member->name.GetString(), member->name.GetStringLength()) == name)
      return member->value.IsNull() ? Value() : Value(&member->value);
  }
  return {};
}

Value Value::at(std::size_t index) const {
  if (!is_array() || index >= size()) return {};
  const Node& element = node_of(node_)[static_cast<rapidjson::SizeType>(index)];
  return element.IsNull() ? Value() : Value(&element);
}

std::size_t Value::size() const {
  if (is_array()) return node_of(node_).Size();
  if (is_object()) return node_of(node_).MemberCount();
  return 0;
}

std::string_view Value::name_at(std::size_t index) const {
  if (!is_object() || index >= size()) return {};
  const Node& name = (node_of(node_).MemberBegin() + static_cast<std::ptrdiff_t>(index))->name;
  return {name.GetString(), name.GetStringLength()};
}

Value Value::member_at(std::size_t index) const {
  if (!is_object() || index >= size()) return {};
  const Node& value = (node_of(node_).MemberBegin() + static_cast<std::ptrdiff_t>(index))->value;
  return value.IsNull() ? Value() : Value(&value);
}

std::optional<std::string_view> Value::string() const {
  if (!is_string()) return std::nullopt;
  return std::string_view(node_of(node_).GetString(), node_of(node_).GetStringLength());
}

std::optional<std::int64_t> Value::integer() const {
  if (!is_number()) return std::nullopt;
  const Node& node = node_of(node_);
  if (node.IsInt64()) return node.GetInt64();
  if (node.IsUint64()) return std::nullopt;
  // 5.0 and 1e3 are integers too, as far as a double is exact about it.
  constexpr double exact = 9007199254740992.0;
  const double value = node.GetDouble();
  if (value < -exact || value > exact) return std::nullopt;
  const auto whole = static_cast<std::int64_t>(value);
  if (static_cast<double>(whole) != value) return std::nullopt;
  return whole;
}

std::optional<double> Value::number() const {
  if (!is_number()) return std::nullopt;
  return node_of(node_).GetDouble();
}

std::optional<bool> Value::boolean() const {
  if (!is_bool()) return std::nullopt;
  return node_of(node_).GetBool();
}

std::string_view Value::string_or(std::string_view fallback) const {
  return string().value_or(fallback);
}

bool Value::boolean_or(bool fallback) const { return boolean().value_or(fallback); }

std::string Value::text() const {
  std::string out;
  Writer writer(out);
  if (node_)
    append(writer, node_of(node_));
  else
    writer.null();
  return out;
}

bool depth_ok(std::string_view text) {
  const char* p = text.data();
  const char* const end = p + text.size();
  std::size_t depth = 0;
  while (p != end) {
    switch (*p++) {
      case '{':
      case '[':
        if (++depth > max_depth) return false;
        break;
      case '}':
      case ']':
        if (depth > 0) --depth;
        break;
      case '"':
        while ((p = skip_plain(p, end)) != end && *p != '"') {
          if (*p == '\\' && p + 1 != end) ++p;
          ++p;
          while (p != end && static_cast<unsigned char>(*p) >= 0x80) ++p;
        }
        if (p != end) ++p;
        break;
      default: break;
    }
  }
  return true;
}

}  // namespace tpool::json
