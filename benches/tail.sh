#!/usr/bin/env bash
# Times following with whole processes and prints ratios: lines for people and a filter to JSON,
# over server-sent events and over lines, against `curl` piped into what people use for it. Then
# the peak of memory, which must not grow with the number of events.
#
#   benches/tail.sh EVENTS.ndjson [RUNS]
#
# EVENTS.ndjson holds sys events with ids of their own, best 100,000 or more. The server pushes
# each in a chunk of its own, as fast as it is read; HIVELOG_BENCH_LIMIT may name a command that
# reads such a stream from the URL behind it, to compare with. Absolute times differ between
# machines; the ratio of one run on one machine is what counts.
set -euo pipefail

events=$(realpath "${1:?which events? a file of one a line}")
runs=${2:-5}
hivelog=$(realpath "${HIVELOG:-target/release/hivelog}")
[ -x "$hivelog" ] || { echo "build it first: cargo build --release" >&2; exit 2; }
command -v python3 >/dev/null || { echo "python3 is needed for the server" >&2; exit 2; }

place=$(mktemp -d)
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done; rm -rf "$place"' EXIT
export HOME=$place

# GET /sse/3 and /lines/3 push all events three times.
cat >"$place/server.py" <<'PYTHON'
import socket, sys, threading

events = open(sys.argv[1], "rb").read().splitlines()

def encoded(before, after):
    chunks = (before + event + after for event in events)
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)

KINDS = {"sse": ("text/event-stream", encoded(b"data: ", b"\n\n")),
         "lines": ("application/x-ndjson", encoded(b"", b"\n"))}

def serve(stream):
    request = b""
    while b"\r\n\r\n" not in request:
        request += stream.recv(4096)
    kind, times = request.split()[1].decode().strip("/").split("/")
    content_type, body = KINDS[kind]
    head = "HTTP/1.1 200 OK\r\ncontent-type: %s\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    try:
        stream.sendall((head % content_type).encode())
        for _ in range(int(times)):
            stream.sendall(body)
        stream.sendall(b"0\r\n\r\n")
    except OSError:
        pass
    stream.close()

listener = socket.create_server(("127.0.0.1", 0))
print("http://127.0.0.1:%d" % listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
PYTHON
python3 "$place/server.py" "$events" >"$place/address" &
children+=($!)
until url=$(grep -m1 http "$place/address" 2>/dev/null); do sleep 0.1; done

count=$(wc -l <"$events")
TIMEFORMAT='%R %U %S'

# The median wall time and the median processor time of a shell command, in seconds.
timed() {
    for _ in $(seq "$runs"); do
        { time bash -c "$1" >/dev/null 2>&1; } 2>&1
    done | awk '{ print $1, $2 + $3 }' >"$place/times"
    middle=$(((runs + 1) / 2))
    wall=$(cut -d' ' -f1 "$place/times" | sort -n | sed -n "${middle}p")
    cpu=$(cut -d' ' -f2 "$place/times" | sort -n | sed -n "${middle}p")
}

# Names what was timed, and how much longer it took than hivelog.
line() {
    awk -v what="$1" -v n="$count" -v wall="$wall" -v cpu="$cpu" -v own="$own_wall" -v own_cpu="$own_cpu" 'BEGIN {
        printf "%-36s %9d events/s  %5.2f us of processor each  wall x%.2f  processor x%.2f\n",
            what, n / (wall > 0 ? wall : 0.001), cpu * 1e6 / n, wall / (own > 0 ? own : 0.001), cpu / (own_cpu > 0 ? own_cpu : 0.001) }'
}

follow() {
    timed "$hivelog tail --server $url --events-path /$1/1 --no-follow $2"
    own_wall=$wall own_cpu=$cpu
    line "hivelog tail $2"
}

has() { command -v "$1" >/dev/null; }
against() { timed "$2"; line "  $1"; }

for kind in lines sse; do
    echo "== $kind, for people"
    follow $kind "-o human --color always"
    [ -z "${HIVELOG_BENCH_LIMIT:-}" ] || against "$HIVELOG_BENCH_LIMIT" "$HIVELOG_BENCH_LIMIT $url/$kind/1"
    ! has curl || against "curl, to nowhere" "curl -sN $url/$kind/1"
    ! has hl || against "curl | hl -P -c" "curl -sN $url/$kind/1 | hl -P -c --allow-prefix"
    echo "== $kind, a filter to JSON"
    follow $kind "-o ndjson --type trigger.*"
    ! has rg || against "curl | rg" "curl -sN $url/$kind/1 | rg '\"type\":\"trigger\\.'"
    if [ $kind = lines ]; then
        ! has hl || against "curl | hl --raw" "curl -sN $url/$kind/1 | hl -P --raw -q 'type ~= trigger.'"
        ! has jq || against "curl | jq" "curl -sN $url/$kind/1 | jq --unbuffered -c 'select(.type|startswith(\"trigger.\"))'"
    fi
done

echo "== memory"
for times in 1 10; do
    "$hivelog" tail --server "$url" --events-path "/sse/$times" --no-follow -o human >/dev/null &
    child=$!
    peak=0
    while kill -0 $child 2>/dev/null; do
        peak=$(awk '/VmHWM/ { print $2 }' "/proc/$child/status" 2>/dev/null || true)
        [ -z "$peak" ] || highest=$peak
        sleep 0.05
    done
    awk -v n=$((count * times)) -v kib="${highest:-0}" 'BEGIN { printf "%d events: at most %.1f MiB\n", n, kib / 1024 }'
done
