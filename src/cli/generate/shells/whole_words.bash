# Hands the whole words to the script above, a flag and its value behind = as two.
_hivelog_whole_words() {
    local words typed before last
    _hivelog_words "$2"
    last=$((${#words[@]} - 1))
    before=${words[last]%"$typed"}
    if [[ ${words[last]} == --*=* ]]; then
        words+=("${words[last]#*=}")
        words[last]=${words[last]%%=*}
        before=${before#*=}
        last=$((last + 1))
    fi
    local COMP_WORDS=("${words[@]}") COMP_CWORD=$last
    _hivelog "$1" "${words[last]}" "${words[last - 1]}"
    COMPREPLY=("${COMPREPLY[@]#"$before"}")
}
