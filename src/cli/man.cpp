#include "cli/man.hpp"

#include <algorithm>

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/help.hpp"

namespace tpool::cli {
namespace {

// Text as roff takes it literally.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else
      result += c;
  }
  if (result.starts_with('.') || result.starts_with('\'')) result.insert(0, "\\&");
  return result;
}

void paragraphs(std::string& page, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find("\n\n", at), text.size());
    page += ".PP\n" + escaped(text.substr(at, end - at)) + "\n";
    at = end + 2;
  }
}

void options(std::string& page, const std::vector<Option>& list) {
  for (const auto& option : list) {
    page +=
        ".TP\n\\fB" +
        escaped(option.short_name.empty() ? option.name : option.short_name + ", " + option.name);
    page += "\\fR";
    if (!option.value.empty()) page += " \\fI" + escaped(option.value) + "\\fR";
    auto words = option.help;
    if (option.repeats) words += "; may be repeated";
    for (std::size_t i = 0; i < option.choices.size(); ++i)
      words += (i == 0 ? ": " : ", ") + option.choices[i];
    page += "\n" + escaped(words) + "\n";
  }
}

void examples(std::string& page, const std::vector<Example>& list) {
  if (list.empty()) return;
  page += ".PP\n.EX\n";
  for (const auto& example : list) {
    page += escaped(example_line(example));
    if (!example.what.empty()) page += "   # " + escaped(example.what);
    page += "\n";
  }
  page += ".EE\n";
}

void command(std::string& page, std::vector<const Command*>& path) {
  const auto& here = *path.back();
  if (here.hidden) return;
  if (here.children.empty()) {
    page += ".SS " + escaped(usage_line(path)) + "\n" + escaped(here.summary) + ".\n";
    paragraphs(page, here.description);
    for (const auto& positional : here.positionals) {
      page += ".TP\n\\fI" + positional.name + "\\fR\n" + escaped(positional.help);
      for (std::size_t i = 0; i < positional.choices.size(); ++i)
        page += (i == 0 ? ": " : ", ") + escaped(positional.choices[i]);
      page += "\n";
    }
    options(page, here.options);
    examples(page, here.examples);
    return;
  }
  for (const auto& child : here.children) {
    path.push_back(&child);
    command(page, path);
    path.pop_back();
  }
}

constexpr std::string_view closing =
    R"(.SH JSON
With \fB\-\-json\fR stdout carries one document. Times are RFC 3339 in UTC; durations end in _s or
_ms; money is in USD and ends in _usd; unknown is null. An edit answers
.PP
.EX
{"changed":true,"revision":"...","resync":{"codex":"live","restart_codex":false},"notes":[]}
.EE
.PP
where \fIresync.codex\fR is live, file or none. An error is JSON on stderr:
.PP
.EX
{"error":{"code":"not_found","message":"...","hint":"..."}}
.EE
.SH ADDRESSES
What \fBtpool serve\fR answers, each also under /openai. All but health and models want an access
token (\fBtpool client\fR), as \fIAuthorization: Bearer\fR or \fIx\-api\-key\fR. Whatever a client
speaks, every model of the pool answers; what a translation loses is told in \fIx\-tpool\-loss\fR.
.TP
\fBPOST /v1/responses\fR
The Responses protocol, streamed or whole. \fIprevious_response_id\fR goes on from an answer that tpool
keeps; an upgrade to WebSocket is taken when the store allows it, else answered 426.
.TP
\fBPOST /v1/responses/compact\fR
A conversation in, its summary out as one item.
.TP
\fBPOST /v1/chat/completions\fR
The Chat Completions protocol; \fIn\fR must be 1.
.TP
\fBPOST /v1/messages\fR
The Messages protocol.
.TP
\fBPOST /v1/messages/count_tokens\fR
Passed on where the model's provider speaks Messages; else 404, as tpool never guesses.
.TP
\fBPOST /v1/embeddings\fR
Passed on to a provider that speaks Chat Completions or Responses.
.TP
\fBGET /v1/models\fR
The pool; in Codex's own shape when Codex asks.
.TP
\fBGET /health\fR, \fB/healthz\fR, \fB/readyz\fR
Whether a request could be served; without a token.
.TP
\fBGET /api/status\fR, \fBPOST /api/reload\fR
What \fBtpool status\fR shows; to read the store again.
.TP
\fBGET /api/explain?model=\fINAME\fR
What \fBtpool route explain\fR shows.
.TP
\fBGET\fR, \fBPUT /api/concurrency\fR
What runs and waits where; to change a limit, as \fBtpool limit set\fR does.
.TP
\fBGET /api/budgets\fR
What was spent today, as \fBtpool budget\fR shows.
.TP
\fBPOST /api/reset\fR
To use keys again, as \fBtpool key reset\fR does.
.PP
What lies under /api, /api/health aside, wants a token of scope admin.
.SS Headers
A request may say \fBx\-tpool\-priority\fR: high, normal or low, which is its place among those who
wait; metadata.priority in its body says the same, and service_tier priority or flex are high and
low. Answers say \fBx\-tpool\-request\-id\fR, \fBx\-tpool\-route\fR (who served it, and whether it was
translated), \fBx\-tpool\-attempts\fR and \fBx\-tpool\-loss\fR (what the translation could not carry).
.SH ENVIRONMENT
.TP
\fBTPOOL_HOME\fR
One folder for everything: config/tpool.toml, state/, cache/ and run/ below it.
.TP
\fBTPOOL_CONFIG\fR
The store file, as \-\-config.
.TP
\fBTPOOL_LISTEN\fR
Where serve listens, over the store's setting.
.TP
\fBTPOOL_LOG\fR
The log level of serve.
.TP
\fBTPOOL_TOKEN\fR
A token of scope admin, with which commands ask a serve that has no socket here, at the address it
listens on.
.TP
\fBTPOOL_CODEX\fR
The Codex program to ask; else the one on PATH.
.TP
\fBTPOOL_TRACEABLE\fR
With 1 programs of yours may debug and measure serve, and so read its keys.
.TP
\fBCODEX_HOME\fR
Codex's folder; else ~/.codex.
.TP
\fBVISUAL\fR, \fBEDITOR\fR
What config edit runs.
.TP
\fBNO_COLOR\fR, \fBCLICOLOR\fR, \fBCLICOLOR_FORCE\fR
Whether to colour; \-\-color decides over them.
.SH FILES
.TP
\fI$XDG_CONFIG_HOME/tpool/tpool.toml\fR
The store, readable by you alone. See
.BR tpool.toml (5).
.TP
\fI$XDG_STATE_HOME/tpool\fR
The last ten backups of the store, fetched model lists and facts, what clients' files held before,
until when a key rests, and what was spent today.
.TP
\fI$XDG_RUNTIME_DIR/tpool/admin.sock\fR
How commands reach a running serve.
.SH EXIT STATUS
.TS
tab(@);
l l.
0@done
1@something is broken in tpool or in its files (corrupt, internal)
2@the command or the store is wrong (invalid)
3@it does not exist (not_found)
4@it is in the way of something (conflict)
5@a key or token was refused (unauthorized)
6@it cannot be reached (unavailable)
7@it took too long (timeout)
130@you said no, or Ctrl\-C (cancelled)
.TE
.SH SEE ALSO
.BR tpool.toml (5),
.BR codex (1)
)";

Result<> man(Context& context) {
  context.out.data(man_page(commands()));
  return {};
}

}  // namespace

std::string man_page(const Command& root) {
  std::string page = "'\\\" t\n.TH TPOOL 1 \"\" \"tpool " TPOOL_VERSION "\" \"User Commands\"\n";
  page += ".SH NAME\ntpool \\- one local endpoint for the models of all your providers\n";
  page += ".SH SYNOPSIS\n\\fBtpool\\fR \\fICOMMAND\\fR [\\fIoptions\\fR]\n.SH DESCRIPTION\n";
  page += escaped(root.description) + "\n";
  page +=
      ".PP\nData goes to stdout, talk to stderr. A noun without a verb means the verb that its "
      "help\ncalls the default, mostly list. Secrets are never taken from the command line.\n";
  examples(page, root.examples);
  page += ".SH OPTIONS\nThese stand before or after any command.\n";
  options(page, root.options);
  page += ".SH COMMANDS\n";
  std::vector<const Command*> path{&root};
  command(page, path);
  page += closing;
  return page;
}

Command man_verb() {
  return {.name = "man",
          .summary = "Print the manual page as roff",
          .examples = {{"man > tpool.1", ""}},
          .handler = man,
          .hidden = true};
}

}  // namespace tpool::cli
