#!/usr/bin/env python3
"""proxy.py: stands between two programs and breaks what is between them.

    proxy.py HOST:PORT | /PATH/OF/SOCKET

prints the port it listens on and the port that takes commands, a line each, answered by a line:

    freeze up|down|both   bytes of that direction (up: to the server) stay on their way
    pass                  they arrive
    lose                  what is connected is so no more, and neither end is told
    cut                   every connection ends with a reset
    refuse, accept        new connections are reset at once; they are not
"""
import asyncio
import socket
import struct
import sys

RESET = struct.pack("ii", 1, 0)


class Proxy:
    def __init__(self, target):
        self.target = target
        self.gates = {"up": asyncio.Event(), "down": asyncio.Event()}
        self.writers = set()
        self.lost = set()
        self.refuses = False
        for gate in self.gates.values():
            gate.set()

    async def pump(self, way, reader, writer):
        try:
            while chunk := await reader.read(65536):
                await self.gates[way].wait()
                if writer not in self.lost:
                    writer.write(chunk)
                    await writer.drain()
            await self.gates[way].wait()
            if writer not in self.lost:
                writer.write_eof()
        except (OSError, RuntimeError):
            if writer not in self.lost:
                self.reset(writer)

    def reset(self, writer):
        if writer.transport.is_closing():
            return
        sock = writer.get_extra_info("socket")
        if sock is not None and sock.family == socket.AF_INET:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        writer.transport.abort()

    async def connected(self, reader, writer):
        if self.refuses:
            self.reset(writer)
            return
        try:
            if self.target.startswith("/"):
                there = await asyncio.open_unix_connection(self.target)
            else:
                there = await asyncio.open_connection(*self.target.rsplit(":", 1))
        except OSError:
            self.reset(writer)
            return
        pair = {writer, there[1]}
        self.writers |= pair
        await asyncio.gather(self.pump("up", reader, there[1]), self.pump("down", there[0], writer))
        self.writers -= pair
        self.lost -= pair
        for end in pair:
            end.transport.abort()

    def obey(self, words):
        ways = {"both": ("up", "down")}.get(words[-1], words[-1:])
        if words[0] == "freeze":
            for way in ways:
                self.gates[way].clear()
        elif words[0] == "pass":
            for gate in self.gates.values():
                gate.set()
        elif words[0] == "lose":
            self.lost |= self.writers
        elif words[0] == "cut":
            for writer in list(self.writers):
                self.reset(writer)
        elif words[0] in ("refuse", "accept"):
            self.refuses = words[0] == "refuse"
        else:
            return "what?"
        return f"ok {len(self.writers) // 2}"

    async def commanded(self, reader, writer):
        while line := await reader.readline():
            writer.write((self.obey(line.decode().split() or ["?"]) + "\n").encode())
            await writer.drain()
        writer.close()


async def main():
    proxy = Proxy(sys.argv[1])
    servers = [await asyncio.start_server(serve, "127.0.0.1", 0)
               for serve in (proxy.connected, proxy.commanded)]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


asyncio.run(main())
