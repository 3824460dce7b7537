#!/usr/bin/env bash
# Times sending with whole processes and prints ratios: straight to a server against
# `curl --parallel`, acceptance into the spool, sending what it holds, and one record alone
# against one bare flush of the disk.
#
#   benches/emit.sh [RECORDS] [RUNS]
#
# The server is the emulator, or HIVELOG_BENCH_URL. Absolute times differ between machines; the
# ratio of one run on one machine is what counts.
set -euo pipefail

records=${1:-20000}
runs=${2:-5}
hivelog=$(realpath "${HIVELOG:-target/release/hivelog}")
[ -x "$hivelog" ] || { echo "build it first: cargo build --release" >&2; exit 2; }

# On a disk, not in memory: flushes are what acceptance costs.
place=$(mktemp -d "${HIVELOG_BENCH_DIR:-$PWD/target}/bench.XXXXXX")
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done; rm -rf "$place"' EXIT
export HOME=$place HIVELOG_KEY=bench HIVELOG_CONNECTOR=bench_connector

text=$(printf 'x%.0s' {1..400})
awk -v n="$records" -v text="$text" 'BEGIN { for (i = 0; i < n; i++) printf "{\"eventCode\":\"5004N\",\"direction\":\"INBOUND\",\"lifeCycleStage\":\"INBOUND_2\",\"outcome\":\"PROCESSING\",\"detail\":\"%s\",\"correlationId\":\"bench-%d\",\"dataId\":{\"@type\":\"DataReference\",\"schemaName\":\"limber\",\"shapeName\":\"Product\",\"externalIdentities\":[{\"integrationKey\":\"Shop\",\"externalId\":\"9\"}]},\"integrationKey\":\"Shop\",\"shapeName\":\"Product\",\"mode\":\"SANDBOX\",\"schemaName\":\"limber\"}\n", text, i }' >"$place/input"
head -n 1 "$place/input" >"$place/one"

if [ -n "${HIVELOG_BENCH_URL:-}" ]; then
    url=$HIVELOG_BENCH_URL
else
    "$hivelog" sandbox --rate 0 >"$place/sandbox" 2>&1 &
    children+=($!)
    until url=$(grep -om1 'http://127[^ /]*' "$place/sandbox" 2>/dev/null); do :; done
fi
export HIVELOG_SYNCHIVE_URL=$url

# The wall time of a command in milliseconds; whatever it says goes nowhere.
once() {
    local start
    start=$(date +%s%N)
    "$@" >/dev/null 2>&1 || true
    echo $((($(date +%s%N) - start) / 1000000))
}

median() { sort -n | sed -n "$(((runs + 1) / 2))p"; }
repeat() { for _ in $(seq "$runs"); do "$@"; done | median; }
rate() { awk -v ms="$2" -v n="$1" 'BEGIN { printf "%d records/s", n * 1000 / (ms > 0 ? ms : 1) }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / (b > 0 ? b : 1) }'; }

direct=$(repeat once "$hivelog" emit --no-spool --jobs 64 -q "$place/input")
echo "emit --no-spool --jobs 64: $direct ms, $(rate "$records" "$direct")"

if command -v curl >/dev/null; then
    awk -v url="$url/data-service/v1/eventLog" '{ gsub(/"/, "\\\""); printf "%surl = \"%s\"\nrequest = \"PUT\"\nheader = \"X-Bench-Connector-Key: bench\"\nheader = \"limber-connector: bench_connector\"\nheader = \"content-type: application/json\"\ndata-raw = \"%s\"\noutput = \"/dev/null\"\n", (NR > 1 ? "next\n" : ""), url, $0 }' "$place/input" >"$place/curl"
    theirs=$(repeat once curl -sS --no-progress-meter --parallel --parallel-max 64 -K "$place/curl")
    echo "curl --parallel-max 64:    $theirs ms, $(rate "$records" "$theirs")"
    echo "ratio curl/hivelog:        $(ratio "$theirs" "$direct")"
else
    echo "curl is not installed: no ratio"
fi

whole=$(repeat once "$hivelog" emit --spool "$place/whole" --jobs 64 -q "$place/input")
echo "emit through the spool:    $whole ms, $(rate "$records" "$whole"), ratio to direct $(ratio "$whole" "$direct")"

if command -v flock >/dev/null; then
    # With the sender's lock taken, records are accepted and left.
    accept() {
        rm -rf "$place/kept"
        mkdir -m 700 "$place/kept"
        flock "$place/kept/drain.lock" "$hivelog" emit --spool "$place/kept" --retry-for 0s -q "$place/input" >/dev/null 2>&1 || true
    }
    fill() { once accept; }
    kept=$(repeat fill)
    echo "acceptance alone:          $kept ms, $(rate "$records" "$kept")"
    empty() { accept; once "$hivelog" spool drain --spool "$place/kept" --jobs 64 -q; }
    drained=$(repeat empty)
    echo "spool drain --jobs 64:     $drained ms, $(rate "$records" "$drained"), ratio to direct $(ratio "$drained" "$direct")"
else
    echo "flock is not installed: acceptance alone is not measured"
fi

flush() { dd if=/dev/zero of="$place/flush" bs=4k count=1 conv=fdatasync status=none; }
flushed=$(repeat once flush)
alone=$(repeat once "$hivelog" emit --spool "$place/alone" -q "$place/one")
memory=$(repeat once "$hivelog" emit --no-spool -q "$place/one")
echo "one record:                $alone ms with the spool, $memory ms without, $flushed ms for dd with one flush"
