# Loaded by bash-completion with the first TAB: the program says what can follow.
source <(COMPLETE=bash hivelog)
