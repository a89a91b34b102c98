// Long stretches of a JSON string, passed in blocks.
//
// Passed over is what stands for itself (is_plain) and every escape but those of surrogates.
// Returns the first byte that needs a decision: the closing quote, a byte above 0x7f, a control
// character, a bad escape or one of a surrogate (its backslash), or a place near `end` where the
// blocks no longer fit. `escaped` becomes true when an escape was passed. With AVX2, 64 bytes at a
// time; without, nothing is passed and the caller's own loop does it all. Any thread.
#pragma once

namespace tpool::json {

const char* skip_run(const char* p, const char* end, bool& escaped);

}  // namespace tpool::json
