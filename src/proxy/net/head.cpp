#include "proxy/net/head.hpp"

#include <strings.h>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/status.hpp>
#include <functional>

namespace tpool::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using boost::beast::string_view;

std::string_view view(string_view text) { return {text.data(), text.size()}; }

template <bool is_request>
class HeadParser final : public http::basic_parser<is_request> {
 public:
  explicit HeadParser(Head& head) : head_(head) {
    this->header_limit(max_head);
    this->body_limit(boost::none);
  }

 private:
  void on_request_impl(http::verb, string_view method, string_view target, int version,
                       error_code&) override {
    head_.method = view(method);
    head_.target = view(target);
    head_.http11 = version >= 11;
  }
  void on_response_impl(int code, string_view, int version, error_code&) override {
    head_.status = code;
    head_.http11 = version >= 11;
  }
  void on_field_impl(http::field, string_view name, string_view value, error_code& ec) override {
    if (head_.fields.size() == max_fields) {
      ec = http::error::header_limit;
      return;
    }
    // Beast unfolds a value that goes on in a second line into a buffer of its own, which ends with
    // its call; nobody has sent such lines for long (RFC 9112 section 5.2).
    const auto* begin = head_.raw.data();
    const std::less<const char*> before;
    if (!value.empty() &&
        (before(value.data(), begin) || !before(value.data(), begin + head_.raw.size()))) {
      ec = http::error::bad_value;
      return;
    }
    head_.fields.push_back({view(name), view(value)});
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    return body.size();
  }
  void on_finish_impl(error_code&) override {}

  Head& head_;
};

template <bool is_request>
Result<> parse(Head& head) {
  head.fields.clear();
  head.fields.reserve(8);
  HeadParser<is_request> parser(head);
  error_code ec;
  parser.put(boost::asio::const_buffer(head.raw.data(), head.raw.size()), ec);
  if (!ec && !parser.is_header_done()) ec = http::error::partial_message;
  if (ec) return invalid("malformed HTTP head: " + ec.message());
  head.keep_alive = parser.keep_alive();
  head.chunked = parser.chunked();
  const auto length = parser.content_length();
  if (length) head.length = *length;
  if (head.count("transfer-encoding") > 0 &&
      (head.count("transfer-encoding") > 1 || !same_name(head.get("transfer-encoding"), "chunked")))
    return invalid("malformed HTTP head: the only transfer coding understood is chunked");
  // Beast takes a list of equal ones for one.
  if (head.count("content-length") > 1 ||
      head.get("content-length").find(',') != std::string_view::npos)
    return invalid("malformed HTTP head: more than one Content-Length");
  if (is_request && head.chunked && !head.http11)
    return invalid("malformed HTTP head: Transfer-Encoding is not for HTTP/1.0");
  if (head.chunked && head.count("content-length"))
    return invalid("malformed HTTP head: both Content-Length and Transfer-Encoding");
  return {};
}

}  // namespace

std::string_view Head::get(std::string_view name) const {
  for (const auto& field : fields)
    if (same_name(field.name, name)) return field.value;
  return {};
}

std::size_t Head::count(std::string_view name) const {
  std::size_t found = 0;
  for (const auto& field : fields) found += same_name(field.name, name);
  return found;
}

std::size_t find_head_end(std::string_view bytes, std::size_t from) {
  // An end that a strict parser will refuse still ends the wait for more.
  for (auto at = from < 3 ? 0 : from - 3;; ++at) {
    at = bytes.find('\n', at);
    if (at == std::string_view::npos) return 0;
    if (at >= 1 && bytes[at - 1] == '\n') return at + 1;
    if (at >= 3 && bytes[at - 1] == '\r' && bytes[at - 2] == '\n') return at + 1;
  }
}

Result<> parse_request(Head& head) { return parse<true>(head); }
Result<> parse_answer(Head& head) {
  if (const auto parsed = parse<false>(head); !parsed) return parsed.error();
  if (head.status < 100) return invalid("malformed HTTP head: a status begins at 100");
  return {};
}

// Beast's parser wants a head first; it is given a fixed one and then only sees chunks.
struct ChunkReader::Parser final : http::basic_parser<false> {
  Parser() {
    body_limit(boost::none);
    static constexpr std::string_view head =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    error_code ec;
    put(boost::asio::const_buffer(head.data(), head.size()), ec);
    eager(true);
  }
  void on_request_impl(http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int, string_view, int, error_code&) override {}
  void on_field_impl(http::field, string_view, string_view, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view extensions, error_code& ec) override {
    if (extensions.size() > 4096) ec = http::error::header_limit;
  }
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
    if (!body.empty()) data->push_back(view(body));
    return body.size();
  }
  void on_finish_impl(error_code&) override {}

  std::vector<std::string_view>* data = nullptr;
  std::string held;  // framing that did not fit in one read
  std::string spill;
};

ChunkReader::ChunkReader() : parser_(std::make_unique<Parser>()) {}
ChunkReader::~ChunkReader() = default;
ChunkReader::ChunkReader(ChunkReader&&) noexcept = default;
ChunkReader& ChunkReader::operator=(ChunkReader&&) noexcept = default;

bool ChunkReader::done() const { return parser_->is_done(); }

Result<std::size_t> ChunkReader::feed(std::string_view bytes, std::vector<std::string_view>& data) {
  auto& parser = *parser_;
  parser.data = &data;
  auto rest = bytes;
  // What was held back is framing (sizes, line ends), never content: join and go on.
  if (!parser.held.empty()) {
    parser.spill = std::move(parser.held);
    parser.held.clear();
    parser.spill.append(bytes);
    rest = parser.spill;
    // Beast expects to see a last chunk again only once it is complete or longer than this.
    if (rest.front() == '0' && rest.size() < 5) {
      parser.held.assign(rest);
      return bytes.size();
    }
  }
  while (!rest.empty() && !parser.is_done()) {
    error_code ec;
    const auto used = parser.put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
    rest.remove_prefix(used);
    if (ec == http::error::need_more) {
      if (rest.size() > max_head) return invalid("malformed chunk: its header does not end");
      parser.held.assign(rest);
      return bytes.size();
    }
    if (ec) return invalid("malformed chunk: " + ec.message());
    if (!used) break;
  }
  return parser.is_done() ? bytes.size() - rest.size() : bytes.size();
}

bool same_letters(std::string_view a, std::string_view b) {
  return ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view reason_phrase(int status) {
  if (status == 529) return "Site is overloaded";
  const auto known = http::int_to_status(static_cast<unsigned>(status));
  return known == http::status::unknown ? "Unknown" : view(http::obsolete_reason(known));
}

std::string field_value(std::string_view text) {
  std::string clean(text);
  for (auto& c : clean)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e) c = '?';
  return clean;
}

}  // namespace tpool::net
