# Loaded with the first TAB: the program says what can follow.
COMPLETE=fish hivelog | source
