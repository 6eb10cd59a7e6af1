"""A link to a node: certificate, TLS, segments, frames, the greeting."""

import secrets
import select
import socket
import ssl
import struct
import time

from codec import Refused
import crypto

EXTENSION = "2.25.133752101753264563403819521735292111946"
SEGMENT_MAX = 16380
FRAME_MAX = 83886088
PRIORITIES = {"job_assign": 2, "job_result": 2, "blob_piece": 3}


class LinkError(Exception):
    pass


# -- certificates ---------------------------------------------------------------


def make_certificate(identity, tls_key):
    """DER, for the TLS key, bound to the identity."""
    digest = crypto.hash_of("artel.tls.v1", tls_key.public_info)
    content = b"\x04\x60" + identity.public + identity.sign(digest)
    return crypto.must_openssl(
        "req", "-x509", "-new", "-keyform", "DER", "-key", tls_key.path,
        "-subj", "/CN=a client", "-days", "2", "-outform", "DER", "-addext",
        f"{EXTENSION}=DER:{content.hex(':')}")


def der_items(data):
    """(tag, content, whole) of each value in some DER."""
    at = 0
    while at < len(data):
        start, tag, size = at, data[at], data[at + 1]
        at += 2
        if size >= 0x80:
            count = size - 0x80
            size = int.from_bytes(data[at:at + count], "big")
            at += count
        yield tag, data[at:at + size], data[start:at + size]
        at += size


def encoded_oid(text):
    first, second, *rest = map(int, text.split("."))
    result = b""
    for number in [first * 40 + second, *rest]:
        part = bytes([number & 0x7F])
        while number := number >> 7:
            part = bytes([0x80 | number & 0x7F]) + part
        result += part
    return result


def node_of(certificate):
    """Whose certificate it is, after checking its extension."""
    (_, outer, _), = der_items(certificate)
    (_, body, _), *_ = der_items(outer)
    fields = [item for item in der_items(body) if item[0] != 0xA0]
    # Serial number, algorithm, issuer, validity, subject, key, extensions.
    key_info = fields[5][2]
    (_, extensions, _), = der_items(fields[6][1])
    wanted = encoded_oid(EXTENSION)
    found = []
    for _, extension, _ in der_items(extensions):
        parts = list(der_items(extension))
        if parts[0][1] == wanted:
            found.append(parts[-1][1])
    if len(found) != 1 or len(found[0]) != 98 or found[0][:2] != b"\x04\x60":
        raise LinkError("no extension says whose certificate it is")
    node, signature = found[0][2:34], found[0][34:]
    digest = crypto.hash_of("artel.tls.v1", key_info)
    if not crypto.verify(node, digest, signature):
        raise LinkError("the node has not signed its TLS key")
    return node


# -- segments and frames --------------------------------------------------------


def segments(priority, frame):
    for at in range(0, len(frame), SEGMENT_MAX):
        part = frame[at:at + SEGMENT_MAX]
        yield struct.pack(">I", priority << 24 | len(part)) + part


class SegmentReader:
    """Takes a stream apart; `frames` has (class, frame) as they end."""

    def __init__(self):
        self.frames = []
        self._stream = b""
        self._lanes = {1: b"", 2: b"", 3: b""}

    def feed(self, data):
        self._stream += data
        while len(self._stream) >= 4:
            word, = struct.unpack(">I", self._stream[:4])
            priority, size = word >> 24, word & 0xFFFFFF
            if priority not in self._lanes or not 1 <= size <= SEGMENT_MAX:
                raise LinkError(f"a segment of class {priority}, {size} bytes")
            if len(self._stream) < 4 + size:
                return
            self._lanes[priority] += self._stream[4:4 + size]
            self._stream = self._stream[4 + size:]
            self._take_frames(priority)

    def _take_frames(self, priority):
        lane = self._lanes[priority]
        while len(lane) >= 4:
            size, = struct.unpack(">I", lane[:4])
            if not 1 <= size <= FRAME_MAX - 4:
                raise LinkError(f"a frame of {size} bytes")
            if len(lane) < 4 + size:
                break
            self.frames.append((priority, lane[:4 + size]))
            lane = lane[4 + size:]
        self._lanes[priority] = lane


def encode_frame(schema, items):
    encoded = [schema.encode("envelope", item) for item in items]
    body = b"".join(struct.pack(">I", len(one)) + one for one in encoded)
    return struct.pack(">I", len(body)) + body


def decode_frame(schema, frame):
    if struct.unpack(">I", frame[:4])[0] != len(frame) - 4:
        raise Refused("a frame's length does not fit")
    at, items = 4, []
    while at < len(frame):
        size, = struct.unpack(">I", frame[at:at + 4])
        at += 4
        if at + size > len(frame):
            raise Refused("an envelope's length does not fit")
        items.append(schema.decode("envelope", frame[at:at + size]))
        at += size
    return items


# -- links ----------------------------------------------------------------------


def split_address(address):
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


class Link:
    """Dials a node, and is ready once it has greeted and measured."""

    def __init__(self, schema, identity, address, network, name="a client"):
        self.schema = schema
        self.identity = identity
        self.network = network
        self.name = name
        self.peer = None
        self.latency_ms = None
        self._recipient = bytes(32)
        self._sequences = {1: 0, 2: 0, 3: 0}
        self._seen = set()
        self._reader = SegmentReader()
        self._arrived = []
        self._nonce = secrets.randbits(64)
        self._socket = self._connect(address)
        self.node = node_of(self._socket.getpeercert(binary_form=True))
        self._greet()

    def _connect(self, address):
        tls_key = crypto.Key(secrets.token_bytes(32))
        certificate = make_certificate(self.identity, tls_key)
        chain = tls_key.directory / "chain.pem"
        secret = tls_key.directory / "key.pem"
        chain.write_text(ssl.DER_cert_to_PEM_cert(certificate))
        secret.touch(mode=0o600)
        secret.write_bytes(crypto.must_openssl(
            "pkey", "-inform", "DER", "-in", tls_key.path))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        # The extension says who it is, not a chain of authorities.
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.load_cert_chain(chain, secret)
        plain = socket.create_connection(split_address(address), timeout=5)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return context.wrap_socket(plain)

    # -- sending --------------------------------------------------------------

    def send(self, kind, **fields):
        self.send_value(kind, self.schema.new(kind, **fields))

    def send_value(self, kind, value):
        priority = PRIORITIES.get(kind, 1)
        self._sequences[priority] += 1
        item = self.schema.new(
            "envelope", network=self.network, type=kind,
            sender=self.identity.public, recipient=self._recipient,
            priority=priority, sequence=self._sequences[priority],
            sent=int(time.time() * 1000),
            payload=self.schema.encode(kind, value))
        if kind == "handshake":
            item["sender_signature"] = self.identity.sign(
                crypto.envelope_digest(item))
        frame = encode_frame(self.schema, [item])
        self._socket.sendall(b"".join(segments(priority, frame)))

    # -- receiving ------------------------------------------------------------

    def receive(self, seconds):
        """The next (type, payload) that is not about the link itself."""
        end = time.monotonic() + seconds
        while True:
            while self._arrived:
                found = self._on_envelope(self._arrived.pop(0))
                if found:
                    return found
            self._wait(end - time.monotonic())

    def _wait(self, seconds):
        if seconds <= 0:
            raise LinkError("no answer in time")
        if not self._socket.pending() and not select.select(
                [self._socket], [], [], seconds)[0]:
            raise LinkError("no answer in time")
        self._socket.settimeout(seconds)
        data = self._socket.recv(65536)
        if not data:
            raise LinkError("the node closed the link")
        self._reader.feed(data)
        for _, frame in self._reader.frames:
            self._arrived += decode_frame(self.schema, frame)
        self._reader.frames.clear()

    def _on_envelope(self, item):
        kind = item["type"]
        if kind not in self.schema.messages:
            raise LinkError(f"a payload of type {kind!r}")
        value = self.schema.decode(kind, item["payload"])
        if kind in ("handshake_refused", "goodbye"):
            code = self.schema.enumerations["error"][value["code"]]
            raise LinkError(f"{kind}, {code}: {value['reason']}")
        if kind == "handshake":
            return self._on_handshake(item, value)
        self._check_envelope(item)
        if kind == "ping":
            self.send("pong", nonce=value["nonce"])
            return None
        return kind, value

    def _check_envelope(self, item):
        sequence = item["priority"], item["sequence"]
        if item["sender"] != self.node or sequence in self._seen:
            raise LinkError("an envelope of another, or one sent twice")
        self._seen.add(sequence)
        if (item["version"] != 1 or item["network"] != self.network
                or item["recipient"] != self.identity.public
                or abs(item["sent"] - time.time() * 1000) > 30000):
            raise LinkError("an envelope that is not for this link")

    def _on_handshake(self, item, value):
        if self.peer is not None:
            return None
        signature = item["sender_signature"]
        if (value["node"] != self.node or item["sender"] != self.node
                or value["network"] != self.network or not value["reply"]
                or not crypto.verify(self.node, crypto.envelope_digest(item),
                                     signature)):
            raise LinkError("the node's greeting does not fit")
        self._check_owner(value)
        self._recipient = self.node
        self.peer = value
        return "handshake", value

    def _check_owner(self, hello):
        if hello["owner"] == hello["node"]:
            return
        item = dict(hello["ownership"])
        signature = item["owner_signature"]
        item["owner_signature"] = bytes(64)
        digest = crypto.hash_of("artel.owner-certificate.v1",
                                self.schema.encode("owner_certificate", item))
        now = time.time() * 1000
        if (item["owner"] != hello["owner"] or item["node"] != hello["node"]
                or item["network"] not in ("", self.network)
                or not item["issued"] - 30000 <= now < item["expires"]
                or not crypto.verify(item["owner"], digest, signature)):
            raise LinkError("the node's owner does not vouch for it")

    def _greet(self):
        end = time.monotonic() + 5
        self.send("handshake", network=self.network, node=self.identity.public,
                  owner=self.identity.public, display_name=self.name, role=3)
        while self.peer is None:
            self.receive(end - time.monotonic())
        sent = time.monotonic()
        self.send("ping", nonce=self._nonce)
        while self.latency_ms is None:
            kind, value = self.receive(end - time.monotonic())
            if kind == "pong" and value["nonce"] == self._nonce:
                self.latency_ms = (time.monotonic() - sent) * 1000

    def close(self):
        self.send("goodbye", code=19, reason="all is done")
        self._socket.close()
