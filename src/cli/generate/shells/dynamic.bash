_hivelog_dynamic() {
    local words typed before kind candidate variable='^\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/'
    COMPREPLY=()
    _hivelog_words "$2"
    # What stands before the part that bash completes is not repeated.
    before=${words[${#words[@]} - 1]%"$typed"}
    # A variable is written out: readline would quote its sign.
    if [[ ${COMP_WORDS[COMP_CWORD]} != \'* && $typed =~ $variable ]]; then
        words[${#words[@]} - 1]=$before${!BASH_REMATCH[1]}/${typed#*/}
    fi
    {
        IFS= read -r kind
        while IFS= read -r candidate; do
            # What names a folder gets its slash from readline, which knows no sign before a name.
            [[ $kind == paths && $candidate != @* ]] && candidate=${candidate%/}
            COMPREPLY+=("${candidate#"$before"}")
        done
    } < <(COMPLETE=bash COMPLETER -- "${words[@]}" 2>/dev/null)
    if [[ $kind == paths ]]; then
        compopt -o filenames 2>/dev/null
    fi
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -o nosort -F _hivelog_dynamic hivelog 2>/dev/null || complete -F _hivelog_dynamic hivelog
