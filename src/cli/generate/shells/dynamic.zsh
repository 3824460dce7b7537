#compdef hivelog

_hivelog_dynamic() {
    local kind line value lead rest
    local -a lines folders files open closed
    lines=("${(@f)$(COMPLETE=zsh COMPLETER -- "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    kind=$lines[1]
    shift lines
    (($#lines)) || return 1

    # What comes before the value stays as it is, and is not listed.
    rest=${(Q)PREFIX}
    if [[ $rest == --*=* ]]; then
        lead=${rest%%=*}=
        rest=${rest#*=}
    fi
    if [[ $kind == paths ]]; then
        [[ $rest == @* ]] && lead+=@ rest=${rest#@}
        [[ $rest == '~/'* ]] && lead+='~/'
    fi
    IPREFIX+=$lead
    PREFIX=${PREFIX#"$lead"}

    for line in "$lines[@]"; do
        line=${line#"$lead"}
        case $kind:$line in
        (paths:*/) folders+=("${line%/}") ;;
        (paths:*) files+=("$line") ;;
        (words:*=|words:*=:*) open+=("$line") ;;
        (*) closed+=("$line") ;;
        esac
    done
    (($#folders)) && compadd -q -S / -a folders
    (($#files)) && compadd -a files
    # Codes and stages may be typed in small letters.
    local -a either=(-M 'm:{[:lower:]}={[:upper:]}')
    (($#open)) && _describe -V value open "$either[@]" -S ''
    (($#closed)) && _describe -V value closed "$either[@]"
}

compdef _hivelog_dynamic hivelog
