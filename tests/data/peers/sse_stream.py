"""A stream of server-sent events as sse-starlette makes it: three events a connection, with pings."""
import asyncio
import json
import socket
import sys

import uvicorn
from sse_starlette.sse import EventSourceResponse
from starlette.applications import Starlette
from starlette.routing import Route

if sys.argv[1:] == ["try"]:
    sys.exit()

LAST = 9


async def events(request):
    seen = int(request.headers.get("last-event-id", 0))

    async def some():
        for number in range(seen + 1, seen + 4):
            event = {"id": f"e-{number}", "text": "ünï\n"}
            yield {"id": str(number), "event": "order.created", "retry": 1, "data": json.dumps(event)}
        if seen + 3 >= LAST:
            await asyncio.sleep(3600)

    return EventSourceResponse(some(), ping=1)


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
app = Starlette(routes=[Route("/events", events)])
uvicorn.Server(uvicorn.Config(app, log_level="critical")).run(sockets=[listener])
