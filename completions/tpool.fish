# fish completion for tpool; asks the program itself.
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
