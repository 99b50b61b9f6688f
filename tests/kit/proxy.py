"""A TCP proxy before a PostgreSQL server that cuts, stalls, or spoils what the server sends on replication
connections, goes away, and comes back before another server. It reads the protocol (messages: a letter, four bytes
of length), so clients must come with sslmode=disable."""
import socket
import struct
import threading


class _Connection:
    def __init__(self, proxy, client, server):
        self.proxy, self.client, self.server = proxy, client, server
        self.replication = False
        self.streaming = False
        self.frames = 0  # CopyData of the stream so far
        self.left = None  # bytes of the stream until the fault; None: there is none
        self.fault = None
        self.stalled = threading.Event()

    def close(self):
        self.stalled.set()
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            end.close()

    def upward(self):
        """Client to server."""
        try:
            start = self._exactly(self.client, 4)
            start += self._exactly(self.client, struct.unpack(">i", start)[0] - 4)
            self.replication = b"\0replication\0" in start
            self.server.sendall(start)
            while True:
                data = self.client.recv(65536)
                if not data:
                    break
                if self.fault == "stall" and self.left is not None and self.left <= 0:
                    self.stalled.wait()
                    break
                self.server.sendall(data)
        except OSError:
            pass
        self.close()
        self.proxy.connections.discard(self)

    def downward(self):
        """Server to client, message by message."""
        try:
            while True:
                head = self._exactly(self.server, 5)
                body = self._exactly(self.server, struct.unpack(">i", head[1:])[0] - 4)
                if head[:1] == b"W":  # CopyBothResponse
                    self.streaming = True
                    with self.proxy.lock:
                        self.fault, self.left = self.proxy.next_fault()
                elif self.streaming and head[:1] == b"d":
                    body = self._edit(body)
                    head = head[:1] + struct.pack(">i", len(body) + 4)
                self._send(head + body)
        except OSError:
            pass
        self.close()

    def _edit(self, body):
        if body[:1] != b"w" or not self.proxy.edit:
            return body
        self.frames += 1
        return self.proxy.edit(self.frames, body)

    def _send(self, data):
        if self.left is None or not self.streaming:
            self.client.sendall(data)
            return
        part = data[:max(self.left, 0)]
        self.left -= len(data)
        self.client.sendall(part)
        if self.left > 0:
            return
        self.proxy.faults += 1
        if self.fault == "stall":
            self.stalled.wait()
        raise OSError("the fault")

    @staticmethod
    def _exactly(end, count):
        data = b""
        while len(data) < count:
            piece = end.recv(count - len(data))
            if not piece:
                raise OSError("end")
            data += piece
        return data


class Proxy:
    """Listens on the port for a server (anything with a `port`)."""

    def __init__(self, port, server):
        self.port, self.server = port, server
        self.lock = threading.Lock()
        self.connections = set()
        self.plan = []  # (fault, bytes) of the streams to come, in turn; then no faults
        self.faults = 0  # how many came to pass
        self.edit = None  # f(number of the frame, CopyData body of a WAL message) -> body
        self.refuses = False
        self.listener = socket.create_server(("127.0.0.1", port), backlog=50)
        threading.Thread(target=self._accept, daemon=True).start()

    def next_fault(self):
        return self.plan.pop(0) if self.plan else (None, None)

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            if self.refuses:
                client.close()
                continue
            try:
                server = socket.create_connection(("127.0.0.1", self.server.port))
            except OSError:
                client.close()
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = _Connection(self, client, server)
            self.connections.add(connection)
            threading.Thread(target=connection.upward, daemon=True).start()
            threading.Thread(target=connection.downward, daemon=True).start()

    def cut(self):
        """Ends all connections."""
        for connection in list(self.connections):
            connection.close()

    def close(self):
        self.listener.close()
        self.cut()
