#include "core/json/value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>

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
using Size = rapidjson::SizeType;

const Node& node_of(const void* node) { return *static_cast<const Node*>(node); }

// What a whole document may hold: RapidJSON counts in 32 bits.
constexpr std::size_t max_text = std::size_t{1} << 31;
// RapidJSON reads whole blocks of 16 bytes around the end.
constexpr std::size_t padding = 32;
constexpr std::size_t smallest_chunk = 512;
constexpr std::size_t largest_chunk = std::size_t{64} << 10;

// Nothing to be told: the walk is for its faults.
struct Unread {
  void key(const Token&, std::size_t) {}
  void string(const Token&, std::size_t) {}
  void other(const Token&, std::size_t) {}
  void open(std::size_t, bool, std::size_t) {}
  void close(std::size_t, bool, std::size_t) {}
};

// Fills a document as RapidJSON would, but for numbers: at the edges of what a double holds its own
// reading shifts by 64 bits, reads outside its table of powers, and arrives at NaN or infinity.
struct Filler {
  bool Null() { return document.Null(); }
  bool Bool(bool value) { return document.Bool(value); }
  bool String(const char* text, Size size, bool copy) { return document.String(text, size, copy); }
  bool Key(const char* text, Size size, bool copy) { return document.Key(text, size, copy); }
  bool StartObject() { return document.StartObject(); }
  bool EndObject(Size count) { return document.EndObject(count); }
  bool StartArray() { return document.StartArray(); }
  bool EndArray(Size count) { return document.EndArray(count); }

  // False, which ends the parsing, when it is too large for a double.
  bool RawNumber(const char* begin, Size size, bool) {
    const char* const end = begin + size;
    std::int64_t integer = 0;
    if (is_whole(std::from_chars(begin, end, integer), end)) return document.Int64(integer);
    std::uint64_t large = 0;
    if (is_whole(std::from_chars(begin, end, large), end)) return document.Uint64(large);
    double value = 0;
    // Out of range is also what comes too near to nought, and that strtod tells apart.
    if (!is_whole(std::from_chars(begin, end, value), end)) value = std::strtod(begin, nullptr);
    return std::isfinite(value) && document.Double(value);
  }

  static bool is_whole(const std::from_chars_result& read, const char* end) {
    return read.ec == std::errc() && read.ptr == end;
  }

  // What a reader calls for numbers that it reads itself: never, with numbers as strings.
  bool Int(int) { return false; }
  bool Uint(unsigned) { return false; }
  bool Int64(std::int64_t) { return false; }
  bool Uint64(std::uint64_t) { return false; }
  bool Double(double) { return false; }

  rapidjson::Document& document;
};

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

  rapidjson::ParseResult read() {
    // In situ and without the encoding flag: only so RapidJSON takes its fast path for strings.
    constexpr unsigned flags = rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag;
    rapidjson::ParseResult result;
    const auto fill = [&](rapidjson::Document& into) {
      Filler filler{into};
      rapidjson::InsituStringStream stream(scratch);
      rapidjson::Reader reader(&memory);
      result = reader.Parse<flags>(stream, filler);
      return !result.IsError();
    };
    document.Populate(fill);
    return result;
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
  Unread unread;
  if (const auto fault = walk(text, unread)) return fault_error(text, what, *fault);
  auto parsed = std::make_unique<Parsed>(text);
  if (const auto read = parsed->read(); read.IsError())
    return fault_error(text, what,
                       {read.Offset(), read.Code() == rapidjson::kParseErrorTermination ||
                                               read.Code() == rapidjson::kParseErrorNumberTooBig
                                           ? "the number is out of range"
                                           : rapidjson::GetParseError_En(read.Code())});
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
  const Node& element = node_of(node_)[static_cast<Size>(index)];
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
