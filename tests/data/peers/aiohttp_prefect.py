"""The events of Prefect's server over aiohttp's WebSocket: a subprotocol, two first messages, and
heartbeats that want an answer."""
import asyncio
import sys

from aiohttp import web

if sys.argv[1:] == ["try"]:
    sys.exit()


def event(number):
    return {
        "occurred": f"2026-11-27T03:00:0{number}.5+00:00",
        "event": "prefect.flow-run.Completed",
        "resource": {"prefect.resource.id": f"prefect.flow-run.{number}", "prefect.resource.name": "nightly"},
        "related": [],
        "payload": {"validated_state": {"name": "Completed"}},
        "id": f"e-{number}",
        "follows": None,
    }


async def events(request):
    socket = web.WebSocketResponse(heartbeat=0.1, protocols=("prefect",))
    await socket.prepare(request)
    auth = await socket.receive_json()
    assert auth == {"type": "auth", "token": "canary"}, auth
    await socket.send_json({"type": "auth_success"})
    wanted = await socket.receive_json()
    assert wanted["type"] == "filter", wanted
    for number in (1, 2):
        await socket.send_json({"type": "event", "event": event(number)})
    # Whoever does not answer a heartbeat is cut off meanwhile.
    receiving = asyncio.ensure_future(socket.receive())
    await asyncio.sleep(0.5)
    assert not socket.closed
    await socket.send_json({"type": "event", "event": event(3)})
    receiving.cancel()
    await socket.close(code=1008, message=b"token expired")
    return socket


async def main():
    app = web.Application()
    app.add_routes([web.get("/api/events/out", events)])
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site._server.sockets[0].getsockname()[1], flush=True)
    await asyncio.sleep(3600)


asyncio.run(main())
