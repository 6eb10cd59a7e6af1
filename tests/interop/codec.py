"""Canonical MessagePack, by the list of messages in protocol/README.md."""

import pathlib
import struct

README = pathlib.Path(__file__).parents[2] / "protocol" / "README.md"
MARK = "<!-- artel wire schema -->"
TIME_MAX = 10**15
ENCODING_MAX = 80 << 20

# The table "Defaults" of the README; all else is zero, empty or the first.
DEFAULTS = {
    "envelope": {"version": 1, "time_to_live_ms": 30000},
    "handshake": {"version": 1, "role": 2},
    "bid_request": {
        "cpu_permille": 1000,
        "estimate_ms": 1000,
        "jobs": 1,
        "urgency": 2,
    },
    "capabilities": {"concurrent_tasks_max": 10},
    "peer_address": {"role": 2},
    "lan_announcement": {"role": 2},
    "execution_limits": {
        "wall_time_ms": 10000,
        "cpu_time_ms": 10000,
        "memory_bytes": 268435456,
        "processes": 64,
        "open_files": 256,
        "file_bytes": 16777216,
        "work_directory_bytes": 16777216,
        "stdout_bytes": 1048576,
        "stderr_tail_bytes": 65536,
    },
}


def schema_text(path=README):
    """The list itself, as `artel wire schema` prints it."""
    block = pathlib.Path(path).read_text(encoding="utf-8").split(MARK, 1)[1]
    return block.split("```text\n", 1)[1].split("```", 1)[0]


class Refused(Exception):
    """Bytes that are no canonical encoding of the message."""


class Schema:
    """Messages with their fields, enumerations with their numbers."""

    def __init__(self, text):
        self.messages = {}
        self.enumerations = {}
        target = None
        for line in text.splitlines():
            if not line:
                target = None
            elif line.startswith("  ") and isinstance(target, list):
                name, kind = line.split(None, 1)
                target.append((name, kind))
            elif line.startswith("  "):
                number, name = line.split()
                target[int(number)] = name
            elif line.endswith(", one of"):
                target = self.enumerations[line.split(",")[0]] = {}
            else:
                target = self.messages[line] = []

    @staticmethod
    def of_readme(path=README):
        return Schema(schema_text(path))

    # -- values ---------------------------------------------------------------

    def new(self, message, **given):
        """A message with its defaults, and what is given."""
        value = {}
        own = DEFAULTS.get(message, {})
        for name, kind in self.messages[message]:
            if name in given:
                value[name] = given.pop(name)
            else:
                value[name] = own[name] if name in own else self.zero(kind)
        if given:
            raise KeyError(f"{message} has no field {sorted(given)}")
        return value

    def zero(self, kind):
        word, _, rest = kind.partition(" ")
        if word in self.messages:
            return self.new(word)
        if word in self.enumerations:
            return 1
        if word == "bool":
            return False
        if word == "text":
            return ""
        if word == "bytes":
            return b""
        if word == "id":
            return bytes(int(rest))
        return [] if word == "array" else 0

    # -- encoding -------------------------------------------------------------

    def encode(self, message, value):
        return self._write(message, value)

    def _write(self, kind, value):
        word, _, rest = kind.partition(" ")
        if word in self.messages:
            fields = self.messages[word]
            if list(value) != [name for name, _ in fields]:
                raise KeyError(f"the fields of {word} are {fields}")
            parts = [head(MAP, len(fields))]
            for name, of in fields:
                parts += [write_text(name), self._write(of, value[name])]
            return b"".join(parts)
        if word == "bool":
            return b"\xc3" if value else b"\xc2"
        if word == "text":
            return write_text(value)
        if word in ("bytes", "id"):
            return head(BYTES, len(value)) + value
        if word == "array":
            of = rest.split(" of ", 1)[1]
            items = [self._write(of, one) for one in value]
            return head(ARRAY, len(value)) + b"".join(items)
        return write_integer(value)

    # -- decoding -------------------------------------------------------------

    def decode(self, message, data):
        if len(data) > ENCODING_MAX:
            raise Refused("too long")
        reader = Reader(data)
        value = self._read(message, reader)
        if reader.at != len(data):
            raise Refused("bytes trail")
        return value

    def _read(self, kind, reader):
        word, _, rest = kind.partition(" ")
        if word in self.messages:
            fields = self.messages[word]
            if reader.size(MAP) != len(fields):
                raise Refused(f"{word} has {len(fields)} fields")
            value = {}
            for name, of in fields:
                if reader.text(255) != name:
                    raise Refused(f"expected {word}.{name}")
                value[name] = self._read(of, reader)
            return value
        if word in self.enumerations:
            number = reader.integer(1, 255)
            if number not in self.enumerations[word]:
                raise Refused(f"{number} is no {word}")
            return number
        if word == "array":
            most, of = rest.split(" of ", 1)
            count = reader.size(ARRAY)
            if count > int(most):
                raise Refused("too many elements")
            return [self._read(of, reader) for _ in range(count)]
        return self._read_plain(word, rest, reader)

    @staticmethod
    def _read_plain(word, rest, reader):
        if word == "bool":
            code = reader.take(1)
            if code not in (b"\xc2", b"\xc3"):
                raise Refused("expected a bool")
            return code == b"\xc3"
        if word == "text":
            return reader.text(int(rest))
        if word == "bytes":
            return reader.content(BYTES, int(rest))
        if word == "id":
            value = reader.content(BYTES, int(rest))
            if len(value) != int(rest):
                raise Refused(f"expected {rest} bytes")
            return value
        if word in ("time", "duration"):
            return reader.integer(-TIME_MAX, TIME_MAX)
        if word == "credits":
            return reader.integer(-(2**63), 2**63 - 1)
        bits = int(word[1:])
        if word[0] == "u":
            return reader.integer(0, 2**bits - 1)
        return reader.integer(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


# -- the forms of headers: (single byte, its sizes, codes for 1, 2, 4 bytes) ---

TEXT = (0xA0, 32, 0xD9, 0xDA, 0xDB)
BYTES = (None, 0, 0xC4, 0xC5, 0xC6)
ARRAY = (0x90, 16, None, 0xDC, 0xDD)
MAP = (0x80, 16, None, 0xDE, 0xDF)


def head(form, size):
    single, sizes, code8, code16, code32 = form
    if size < sizes:
        return bytes([single + size])
    if code8 is not None and size < 256:
        return struct.pack(">BB", code8, size)
    if size < 65536:
        return struct.pack(">BH", code16, size)
    return struct.pack(">BI", code32, size)


def write_text(text):
    raw = text.encode("utf-8", "surrogateescape")
    return head(TEXT, len(raw)) + raw


def write_integer(value):
    if -32 <= value < 128:
        return struct.pack(">b" if value < 0 else ">B", value)
    if value < 0:
        forms = ((0xD0, "b", 8), (0xD1, "h", 16), (0xD2, "i", 32),
                 (0xD3, "q", 64))
        return next(struct.pack(">B" + form, code, value)
                    for code, form, bits in forms if value >= -(2 ** (bits - 1)))
    forms = ((0xCC, "B", 8), (0xCD, "H", 16), (0xCE, "I", 32), (0xCF, "Q", 64))
    return next(struct.pack(">B" + form, code, value)
                for code, form, bits in forms if value < 2**bits)


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise Refused("truncated")
        self.at += count
        return self.data[self.at - count:self.at]

    def integer(self, least, most):
        start = self.at
        code = self.take(1)[0]
        if code < 0x80:
            value = code
        elif code >= 0xE0:
            value = code - 256
        elif 0xCC <= code <= 0xD3:
            size = 1 << (code - 0xCC) % 4
            value = int.from_bytes(self.take(size), "big", signed=code >= 0xD0)
        else:
            raise Refused("expected an integer")
        if not least <= value <= most:
            raise Refused("an integer out of range")
        if write_integer(value) != self.data[start:self.at]:
            raise Refused("an integer that is not in its shortest form")
        return value

    def size(self, form):
        start = self.at
        code = self.take(1)[0]
        single, sizes, code8, code16, code32 = form
        if single is not None and single <= code < single + sizes:
            return code - single
        for known, count in ((code8, 1), (code16, 2), (code32, 4)):
            if code == known:
                value = int.from_bytes(self.take(count), "big")
                if head(form, value) != self.data[start:self.at]:
                    raise Refused("a size that is not in its shortest form")
                return value
        raise Refused("another type was expected")

    def content(self, form, most):
        size = self.size(form)
        if size > most:
            raise Refused("longer than its limit")
        return self.take(size)

    def text(self, most):
        return self.content(TEXT, most).decode("utf-8", "surrogateescape")
