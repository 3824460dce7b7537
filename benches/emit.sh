#!/usr/bin/env bash
# Times sending with whole processes and prints ratios: straight to a server against other
# clients, in time and in processor time; peak memory over that of a program that only looks
# something up; acceptance into the spool against one transaction of SQLite; sending what it
# holds against sending directly; one record alone against one bare flush of the disk; starting.
#
#   benches/emit.sh [RECORDS] [RUNS]
#
# The server is the emulator, or HIVELOG_BENCH_URL. Peers are curl, where it is installed, and
# HIVELOG_BENCH_PEER: a command that sends the lines of its standard input to the same server, 64
# at a time. Absolute times differ between machines; the ratio of one run on one machine is what
# counts.
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
awk -v n="$((10 * records))" -v text="$text" 'BEGIN { for (i = 0; i < n; i++) printf "{\"eventCode\":\"5004N\",\"direction\":\"INBOUND\",\"lifeCycleStage\":\"INBOUND_2\",\"outcome\":\"PROCESSING\",\"detail\":\"%s\",\"correlationId\":\"bench-%d\",\"dataId\":{\"@type\":\"DataReference\",\"schemaName\":\"limber\",\"shapeName\":\"Product\",\"externalIdentities\":[{\"integrationKey\":\"Shop\",\"externalId\":\"9\"}]},\"integrationKey\":\"Shop\",\"shapeName\":\"Product\",\"mode\":\"SANDBOX\",\"schemaName\":\"limber\"}\n", text, i }' >"$place/more"
head -n "$records" "$place/more" >"$place/input"
head -n 1 "$place/input" >"$place/one"

if [ -n "${HIVELOG_BENCH_URL:-}" ]; then
    url=$HIVELOG_BENCH_URL
else
    "$hivelog" sandbox --rate 0 >"$place/sandbox" 2>&1 &
    children+=($!)
    until url=$(grep -om1 'http://127[^ /]*' "$place/sandbox" 2>/dev/null); do :; done
fi
export HIVELOG_SYNCHIVE_URL=$url

TIMEFORMAT='%R %U %S'

# Wall and processor time of a command in milliseconds; whatever it says goes nowhere.
once() {
    { time "$@" >"$place/said" 2>&1 || true; } 2>&1 | awk '{ print $1 * 1000, ($2 + $3) * 1000 }'
}

# The medians of several runs, as $wall and $cpu. What stands before -- is done before each run.
measure() {
    local before=() results
    while [ "$1" != -- ]; do before+=("$1") && shift; done
    shift
    results=$(for _ in $(seq "$runs"); do
        "${before[@]:-true}" >/dev/null 2>&1 || true
        once "$@"
    done)
    wall=$(middle 1) cpu=$(middle 2)
}

middle() { cut -d' ' -f"$1" <<<"$results" | sort -g | sed -n "$(((runs + 1) / 2))p"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / (b > 0 ? b : 1) }'; }
say() {
    awk -v what="$1" -v ms="$wall" -v cpu="$cpu" -v n="${3:-$records}" -v more="${2:-}" \
        'BEGIN { printf "%-30s %7.0f ms %8.0f /s %7.0f ms cpu  %s\n", what, ms, n * 1000 / (ms > 0 ? ms : 1), cpu, more }'
}

direct() { "$hivelog" emit --no-spool -q --jobs "$1" "$place/input"; }
measure -- direct 64
say "emit --no-spool --jobs 64"
straight=$wall straight_cpu=$cpu

against() { say "$1" "hivelog: $(ratio "$wall" "$straight") of its speed, $(ratio "$straight_cpu" "$cpu") of its cpu"; }
peer() { $HIVELOG_BENCH_PEER <"$place/input"; }
if [ -n "${HIVELOG_BENCH_PEER:-}" ]; then
    measure -- peer
    against "${HIVELOG_BENCH_PEER##*/}"
fi
if command -v curl >/dev/null; then
    awk -v url="$url/data-service/v1/eventLog" '{ gsub(/"/, "\\\""); printf "%surl = \"%s\"\nrequest = \"PUT\"\nheader = \"X-Bench-Connector-Key: bench\"\nheader = \"limber-connector: bench_connector\"\nheader = \"content-type: application/json\"\ndata-raw = \"%s\"\noutput = \"/dev/null\"\n", (NR > 1 ? "next\n" : ""), url, $0 }' "$place/input" >"$place/curl"
    measure -- curl -sS --no-progress-meter --parallel --parallel-max 64 -K "$place/curl"
    against "curl --parallel-max 64"
fi

if timer=$(type -P time); then
    peak() { "$timer" -f %M "$@" 2>&1 >/dev/null | tail -n 1; }
    idle=$(peak "$hivelog" codes)
    over() { echo "peak memory, $1 records: $((($(peak "$hivelog" emit --no-spool -q --jobs 64 "$2") - idle) / 1024)) MiB over idle"; }
    over "$records" "$place/input"
    over "$((10 * records))" "$place/more"
fi

measure -- direct 8
say "emit --no-spool --jobs 8"
eight=$wall

whole() { "$hivelog" emit --spool "$place/whole" -q --jobs 8 "$place/input"; }
measure rm -rf "$place/whole" -- whole
say "emit through the spool" "$(ratio "$eight" "$wall") of the direct speed"

if command -v flock >/dev/null; then
    clean() { rm -rf "$place/kept" && mkdir -m 700 "$place/kept"; }
    # With the sender's lock taken, records are accepted and left.
    accept() { flock "$place/kept/drain.lock" "$hivelog" emit --spool "$place/kept" --retry-for 0s -q "$place/input"; }
    refill() { clean && accept; }
    measure refill -- "$hivelog" spool drain --spool "$place/kept" --jobs 8 -q
    say "spool drain --jobs 8" "$(ratio "$eight" "$wall") of the direct speed"
    measure clean -- accept
    say "acceptance alone"
    accepted=$wall
fi
if command -v python3 >/dev/null && [ -n "${accepted:-}" ]; then
    cat >"$place/rows.py" <<'PYTHON'
import sqlite3, sys
to = sqlite3.connect(sys.argv[2], isolation_level=None)
to.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE event (seq INTEGER PRIMARY KEY, body BLOB); BEGIN")
to.executemany("INSERT INTO event (body) VALUES (?)", ((line,) for line in open(sys.argv[1], "rb")))
to.execute("COMMIT")
PYTHON
    measure rm -f "$place/rows.db" "$place/rows.db-wal" -- python3 "$place/rows.py" "$place/input" "$place/rows.db"
    say "one transaction of SQLite" "acceptance: $(ratio "$wall" "$accepted") of its speed"
fi

flush() { dd if=/dev/zero of="$place/flush" bs=4k count=1 conv=fdatasync status=none; }
measure -- flush
flushed=$wall
measure -- "$hivelog" emit --spool "$place/alone" -q "$place/one"
alone=$wall
measure -- "$hivelog" emit --no-spool -q "$place/one"
echo "one record: $alone ms with the spool, $wall ms without, $flushed ms for dd with one flush"

launches() { for _ in {1..100}; do "$@" >/dev/null 2>&1 </dev/null || true; done; }
base=
for launch in "rg --version" "$hivelog codes" "$hivelog --help" "$hivelog validate $place/one"; do
    command -v "${launch%% *}" >/dev/null || continue
    # shellcheck disable=SC2086 # a command with its arguments
    measure -- launches $launch
    [ -n "$base" ] || base=$wall
    shown=${launch/#"$hivelog"/hivelog}
    say "100 x ${shown%% "$place"*}" "$(ratio "$wall" "$base") of the first" 100
done
