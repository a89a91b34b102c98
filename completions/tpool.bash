# bash completion for tpool; asks the program itself.
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
