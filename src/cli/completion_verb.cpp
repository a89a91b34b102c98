#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/context.hpp"

namespace tpool::cli {
namespace {

// Each asks `tpool completion complete WORDS...`, which prints word<TAB>help per line.
constexpr std::string_view bash_shim = R"(# bash completion for tpool; asks the program itself.
_tpool() {
  local current=${COMP_WORDS[COMP_CWORD]} line words=()
  COMPREPLY=()
  # bash splits at = and :, which model names may hold; put the words together again.
  local joined=${COMP_LINE:0:COMP_POINT} typed=()
  read -ra typed <<<"$joined"
  [[ $joined == *[[:space:]] ]] && typed+=("")
  while IFS= read -r line; do
    words+=("${line%%$'\t'*}")
  done < <("${typed[0]}" completion complete -- "${typed[@]:1}" 2>/dev/null)
  case ${words[0]-} in
    @files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
    @folders) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    *)
      local whole=${typed[-1]}
      local cut=${whole%"$current"}
      for line in "${words[@]}"; do COMPREPLY+=("${line#"$cut"}"); done
      ;;
  esac
}
complete -F _tpool tpool
)";

constexpr std::string_view zsh_shim = R"(#compdef tpool
# zsh completion for tpool; asks the program itself.
_tpool() {
  local -a described
  local line word help
  while IFS= read -r line; do
    word=${line%%$'\t'*}
    help=${line#*$'\t'}
    case $word in
      @files) _files; return ;;
      @folders) _files -/; return ;;
    esac
    described+=("${word//:/\\:}:$help")
  done < <("${words[1]}" completion complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  _describe 'tpool' described
}
if [[ ${funcstack[1]-} == _tpool ]]; then _tpool "$@"; else compdef _tpool tpool; fi
)";

constexpr std::string_view fish_shim = R"(# fish completion for tpool; asks the program itself.
function __tpool_complete
    set -l typed (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($typed[1] completion complete -- $typed[2..-1] $current 2>/dev/null)
    switch "$found[1]"
        case '@files*'
            __fish_complete_path $current
        case '@folders*'
            __fish_complete_directories $current
        case '*'
            printf '%s\n' $found
    end
end
complete -c tpool -f -a '(__tpool_complete)'
)";

Result<> print_shim(Context& context) {
  const auto shell = *context.args.value("SHELL");
  context.out.data(shell == "bash" ? bash_shim : shell == "zsh" ? zsh_shim : fish_shim);
  return {};
}

Result<> print_candidates(Context& context) {
  std::string text;
  for (const auto& candidate : complete(commands(), context.args.values("WORD")))
    text += candidate.word + "\t" + candidate.help + "\n";
  context.out.data(text);
  return {};
}

}  // namespace

Command completion_verb() {
  return {
      .name = "completion",
      .summary = "Print the completion script of a shell",
      .description =
          "Completes commands, options, and the names of your providers, keys, models, rules, "
          "tags and clients. The packages install these scripts; source one by hand otherwise.",
      .children =
          {{.name = "script",
            .summary = "Print the script",
            .description = "In ~/.bashrc: source <(tpool completion bash). For zsh, "
                           "save it as _tpool in a folder of $fpath. For fish, save "
                           "it as ~/.config/fish/completions/tpool.fish.",
            .examples = {{"completion bash", ""}, {"completion zsh", ""}, {"completion fish", ""}},
            .positionals =
                {{.name = "SHELL", .help = "which one", .choices = {"bash", "zsh", "fish"}}},
            .handler = print_shim},
           {.name = "complete",
            .summary = "Say what may follow the words typed so far",
            .examples = {{"completion complete -- provider sh", ""}},
            .positionals =
                {{.name = "WORD", .help = "the words", .required = false, .repeats = true}},
            .handler = print_candidates,
            .hidden = true}},
      .default_child = "script"};
}

}  // namespace tpool::cli
