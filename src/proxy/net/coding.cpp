#include "proxy/net/coding.hpp"

#include <zlib.h>
#include <zstd.h>

#include <memory>

#include "proxy/net/session.hpp"

namespace tpool::net {
namespace {

constexpr std::size_t step = std::size_t{64} << 10;

Refusal broken(std::string_view coding) {
  return {400, "the body is not valid " + std::string(coding)};
}
Refusal too_large() { return {413, "the body is too large once its coding is undone"}; }

std::optional<Refusal> inflate_gzip(std::string_view from, Buffer& into, std::size_t limit) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return broken("gzip");
  const auto end = [](z_stream* s) { inflateEnd(s); };
  const std::unique_ptr<z_stream, decltype(end)> guard(&stream, end);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(from.data()));
  stream.avail_in = static_cast<uInt>(from.size());
  for (;;) {
    const auto space = into.room(step);
    stream.next_out = reinterpret_cast<Bytef*>(space.data());
    stream.avail_out = static_cast<uInt>(space.size());
    const int result = inflate(&stream, Z_NO_FLUSH);
    into.wrote(space.size() - stream.avail_out);
    if (into.size() > limit) return too_large();
    if (result == Z_STREAM_END)
      return stream.avail_in ? std::optional(broken("gzip")) : std::nullopt;
    if (result != Z_OK) return broken("gzip");
  }
}

std::optional<Refusal> inflate_zstd(std::string_view from, Buffer& into, std::size_t limit) {
  const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                     &ZSTD_freeDCtx);
  // A window larger than this is a bomb of its own.
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, 25);
  ZSTD_inBuffer in{from.data(), from.size(), 0};
  for (;;) {
    const auto space = into.room(step);
    ZSTD_outBuffer out{space.data(), space.size(), 0};
    const auto left = ZSTD_decompressStream(context.get(), &out, &in);
    into.wrote(out.pos);
    if (ZSTD_isError(left)) return broken("zstd");
    if (into.size() > limit) return too_large();
    if (left == 0) return in.pos == in.size ? std::nullopt : std::optional(broken("zstd"));
    if (in.pos == in.size && out.pos == 0) return broken("zstd");
  }
}

}  // namespace

std::optional<Refusal> undo_coding(const Head& head, Buffer& body, std::size_t limit) {
  const auto coding = head.get("content-encoding");
  if (coding.empty() || same_name(coding, "identity")) return std::nullopt;
  Buffer plain;
  std::optional<Refusal> refusal;
  if (same_name(coding, "gzip"))
    refusal = inflate_gzip(body.view(), plain, limit);
  else if (same_name(coding, "zstd"))
    refusal = inflate_zstd(body.view(), plain, limit);
  else
    return Refusal{415, "content coding '" + field_value(coding) + "' is not understood",
                   "send the body plain, or as gzip or zstd"};
  if (!refusal) body = std::move(plain);
  return refusal;
}

}  // namespace tpool::net
