#!/usr/bin/env bash
# Times whole processes and prints ratios: hivelog against jq, both doing what can be compared.
#
#   benches/whole.sh FILE.ndjson [RUNS]
#
# HIVELOG_BENCH_PEER may name another command that validates the file given behind it.
# Absolute times differ between machines; the ratio of one run on one machine is what counts.
set -euo pipefail

file=${1:?an NDJSON file of event logs}
runs=${2:-5}
hivelog=${HIVELOG:-target/release/hivelog}

[ -x "$hivelog" ] || { echo "build it first: cargo build --release" >&2; exit 2; }

# The median wall time of a command, in milliseconds.
median() {
    for _ in $(seq "$runs"); do
        local start end
        start=$(date +%s%N)
        "$@" >/dev/null 2>&1 || true
        end=$(date +%s%N)
        echo $(((end - start) / 1000000))
    done | sort -n | sed -n "$(((runs + 1) / 2))p"
}

ratio() { awk "BEGIN { printf \"%.2f\", $1 / ($2 > 0 ? $2 : 1) }"; }
from_pipe() { cat "$file" | "$@"; }

ours=$(median "$hivelog" validate -o ndjson "$file")
echo "hivelog validate: $ours ms"
piped=$(median from_pipe "$hivelog" validate -o ndjson -)
echo "  from a pipe:    $piped ms"
if [ -n "${HIVELOG_BENCH_PEER:-}" ]; then
    # Any command that validates the file named behind it.
    read -ra peer <<<"$HIVELOG_BENCH_PEER"
    theirs=$(median "${peer[@]}" "$file")
    echo "${peer[0]##*/}: $theirs ms"
    echo "ratio ${peer[0]##*/}/hivelog: $(ratio "$theirs" "$ours")"
fi
if command -v jq >/dev/null; then
    # jq only parses and prints: no rule is applied.
    theirs=$(median jq -c . "$file")
    echo "jq -c .:          $theirs ms"
    echo "ratio jq/hivelog: $(ratio "$theirs" "$ours")"
else
    echo "jq is not installed: no ratio"
fi
