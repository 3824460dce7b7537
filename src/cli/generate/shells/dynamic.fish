function __hivelog_candidates
    set -l words (commandline --current-process --tokenize --cut-at-cursor)
    set -l raw (commandline --current-token --cut-at-cursor)
    # A quote that is still open cannot be undone; what follows it is the word.
    set -l typed (string unescape -- $raw; or string trim --left --chars "'\"" -- $raw)
    COMPLETE=fish COMPLETER -- $words "$typed"
end

complete --command hivelog --keep-order --exclusive --arguments '(__hivelog_candidates)'
