"""A server of the package `websockets`: fragments, pings, compression for whoever asks for it."""
import asyncio
import json
import sys

from websockets.asyncio.server import serve

if sys.argv[1:] == ["try"]:
    sys.exit()


def event(number):
    return json.dumps({"id": f"e-{number}", "type": "auth.ok", "data": {"text": "ünï" * 100}}, ensure_ascii=False)


async def events(socket):
    text = event(1)
    await socket.send([text[:10], text[10:200], text[200:]])
    await (await socket.ping(b"live?"))
    await socket.send(event(2) + "\n" + event(3) + "\n")
    await socket.send(event(4).encode())
    await socket.close(4001, "maintenance")


async def main():
    async with serve(events, "127.0.0.1", 0, ping_interval=0.1) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.sleep(3600)


asyncio.run(main())
