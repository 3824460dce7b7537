#!/usr/bin/env bash
# Times whole processes in pairs, one after the other, and prints the median of their ratios: below
# 1 the first of a pair is faster.
#
#   benches/whole.sh EVENT_LOGS.ndjson [SYS_EVENTS.ndjson] [RUNS]
#
# Peers are used where they are installed: jq, rg, hl. HIVELOG_BENCH_PEER may name another command that
# validates the file named behind it, HIVELOG_BENCH_STATS_PEER one that counts the sys events of a
# file. Absolute times differ between machines; the ratio of one run on one machine is what counts.
set -euo pipefail

logs=${1:?an NDJSON file of event logs}
events=${2:-}
runs=${3:-5}
hivelog=${HIVELOG:-target/release/hivelog}

[ -x "$hivelog" ] || { echo "build it first: cargo build --release" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# The wall time of a command line, in microseconds.
micros() {
    local start=${EPOCHREALTIME/./}
    bash -c "$1" >/dev/null 2>&1 || true
    echo $((${EPOCHREALTIME/./} - start))
}

# pair NAME COMMAND OTHER: how long the one takes beside the other.
pair() {
    micros "$2" >/dev/null
    micros "$3" >/dev/null
    for _ in $(seq "$runs"); do
        echo "$(micros "$2") $(micros "$3")"
    done | awk '{ printf "%.3f %d %d\n", $1 / $2, $1, $2 }' | sort -n |
        sed -n "$(((runs + 1) / 2))p" |
        awk -v name="$1" '{ printf "%-44s %5.2fx  (%.1f ms, %.1f ms)\n", name, $1, $2 / 1000, $3 / 1000 }'
}

# Many short runs as one.
repeated() { echo "for _ in {1..50}; do $1; done"; }

installed() { command -v "$1" >/dev/null || { echo "$1 is not installed: no ratio"; return 1; }; }

validate="$hivelog validate -o ndjson $logs"
pair "validate from a pipe / from a file" "cat $logs | $hivelog validate -o ndjson -" "$validate"
if [ -n "${HIVELOG_BENCH_PEER:-}" ]; then
    pair "validate / ${HIVELOG_BENCH_PEER##*/}" "$validate" "$HIVELOG_BENCH_PEER $logs"
fi
if installed jq; then
    # jq only parses and prints: no rule is applied.
    pair "validate / jq -c ." "$validate" "jq -c . $logs"
fi

pair "journey (the list) / validate" "$hivelog journey $logs" "$validate"
if installed rg; then
    id=$(head -n 1000 "$logs" | tail -n 1 | sed -n 's/.*"correlationId": *"\([^"]*\)".*/\1/p')
    pair "journey ID / rg ID" "$hivelog journey $id $logs" "rg $id $logs"
    head -n 1 "$logs" >"$folder/one.ndjson"
    for command in "--help" "codes" "validate $folder/one.ndjson"; do
        pair "${command%% *} (start-up) / rg --version" \
            "$(repeated "$hivelog $command")" "$(repeated "rg --version")"
    done
fi

if [ -n "$events" ]; then
    filter="$hivelog tail $events --type 'trigger.*' -o ndjson"
    if installed rg; then
        pair "tail FILE, a filter / rg" "$filter" "rg '\"type\":\"trigger\\.' $events"
    fi
    if installed hl; then
        pair "tail FILE, a filter / hl --raw" "$filter" "hl -P --raw -q 'type ~= trigger.' $events"
        pair "tail FILE, for people / hl -P -c" \
            "$hivelog tail $events -o human --color always" "hl -P -c $events"
    fi
fi
if [ -n "$events" ] && [ -n "${HIVELOG_BENCH_STATS_PEER:-}" ]; then
    pair "stats / ${HIVELOG_BENCH_STATS_PEER##*/}" \
        "$hivelog stats $events" "$HIVELOG_BENCH_STATS_PEER $events"
fi
