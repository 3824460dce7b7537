#!/usr/bin/env bash
# Times whole processes and prints ratios: hivelog against jq, both doing what can be compared.
#
#   benches/whole.sh FILE.ndjson [RUNS]
#
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

ours=$(median "$hivelog" validate -o ndjson "$file")
echo "hivelog validate: $ours ms"
if command -v jq >/dev/null; then
    # jq only parses and prints: no rule is applied.
    theirs=$(median jq -c . "$file")
    echo "jq -c .:          $theirs ms"
    echo "ratio jq/hivelog: $(awk "BEGIN { printf \"%.1f\", $theirs / ($ours > 0 ? $ours : 1) }")"
else
    echo "jq is not installed: no ratio"
fi
