# Sets words to the command line up to the cursor, and typed to the part of the last one that bash
# completes. Bash cuts words at = and : too; what was typed without a blank in between is put
# together again.
_hivelog_words() {
    local LC_ALL=C line=${COMP_LINE:0:COMP_POINT} part last
    words=()
    for part in "${COMP_WORDS[@]:0:COMP_CWORD}"; do
        _hivelog_add_part
        line=${line#"$part"}
    done
    part=${line#"${line%%[![:space:]]*}"}
    _hivelog_add_part
    last=${words[${#words[@]} - 1]}
    case $last in
    [\"\']*) last=${last:1} typed=$last ;;
    *) last=${last//\\/} typed=${1//\\/} ;;
    esac
    words[${#words[@]} - 1]=$last
}

# Adds a part to the word before it, unless there is a blank between them.
_hivelog_add_part() {
    local blanks=${line%%[![:space:]]*}
    line=${line#"$blanks"}
    if [[ -z $blanks && ${#words[@]} -gt 0 ]]; then
        words[${#words[@]} - 1]+=$part
    else
        words+=("$part")
    fi
}
