"""A server-sent events source that knows nothing of hivelog.

Serves COUNT events with ids 1..COUNT. Each connection is cut after CUT bytes of body, wherever in
an event that is; the next one goes on behind Last-Event-ID. Once everything has been sent, 204
ends it. Prints its port, then every Last-Event-ID it is asked for.
"""

import json
import socket
import struct
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COUNT, CUT, NEWLINE, RESET = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4] == "reset"
NEWLINE = {"lf": "\n", "cr": "\r", "crlf": "\r\n"}[NEWLINE]


def event(number):
    body = {"id": f"e-{number}", "ts": "2024-05-03T05:30:00Z", "kind": "sys",
            "type": "trigger.event.ok", "data": {"n": number, "text": "ünï ✓ " + "x" * (number % 40)}}
    lines = [": comment", f"id: {number}", "retry: 100", "event: whatever",
             "data: " + json.dumps(body, ensure_ascii=False), "", ""]
    return NEWLINE.join(lines).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        last = self.headers.get("Last-Event-ID")
        print(last, flush=True)
        done = int(last or 0)
        if done >= COUNT:
            self.send_response(204)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        body = b"".join(event(number) for number in range(done + 1, COUNT + 1))
        self.wfile.write(body[:CUT])
        self.wfile.flush()
        if RESET and len(body) > CUT:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
