"""The frames of the Bactrian protocol, written from docs/reference/protocol.md alone."""
import io, struct

TABLE = list(range(256))
for _ in range(8):
    TABLE = [(i >> 1) ^ 0x82F63B78 if i & 1 else i >> 1 for i in TABLE]
COMMANDS = {
    "HELLO": (0x01, "publisher:s instance:8"), "OPENED": (0x04, "epoch:8 last:t"),
    "WELCOME": (0x02, "instance:8 epoch:8 log-epoch:4 max-message:4 max-batch:4"),
    "OPEN": (0x03, "publisher:s epoch:8 accepted:t"), "ACK": (0x11, "epoch:8 log-epoch:4 last:t"),
    "REFUSE": (0x12, "epoch:8 topic:s sequence:8 expected:8 code:1 text:r"), "PING": (0x13, "publisher:s epoch:8"),
    "ATTACH": (0x20, "subscriber:s instance:8 generation:4 log-epoch:4 cursor:8 window:4 flags:o"),
    "ATTACHED": (0x21, "instance:8 session:4 generation:4 log-epoch:4 cursor:8 end:8 lost-from:8 lost-to:8 cause:1"),
    "SUBSCRIBE": (0x22, "session:4 request:4 cursor:8 kind:1 from:1 position:8 pattern:s"),
    "SUBSCRIBED": (0x23, "session:4 request:4 generation:4 start:8 cursor:8"),
    "UNSUBSCRIBE": (0x24, "session:4 request:4 kind:1 pattern:s"), "UNSUBSCRIBED": (0x25, "session:4 request:4"),
    "ACKNOWLEDGE": (0x26, "session:4 cursor:8 flags:1"), "RESEND": (0x29, "session:4 cursor:8"),
    "DELIVER": (0x27, "session:4 log-epoch:4 previous:8 position:8 time:O"), "DETACH": (0x2A, "session:4"),
    "END": (0x28, "session:4 log-epoch:4 previous:8 end:8"), "FORGET": (0x2B, "session:4 request:4"),
    "LOST": (0x2C, "session:4 log-epoch:4 lost-from:8 lost-to:8 cause:1"), "ERROR": (0x2F, "session:4 request:4 code:1 text:r")}
NAMES = {code: name for name, (code, _) in COMMANDS.items()}

def crc32c(data):
    crc = 0xFFFFFFFF
    for octet in data:
        crc = TABLE[(crc ^ octet) & 255] ^ crc >> 8
    return crc ^ 0xFFFFFFFF

def sized(octets, width):
    return len(octets).to_bytes(width, "big") + octets

def encode(name, fields):
    out = bytes([0xB7, 1, COMMANDS[name][0]])
    for key, kind in (field.split(":") for field in COMMANDS[name][1].split()):
        value = fields[key]
        if kind == "t":
            topics = [sized(topic.encode(), 1) + last.to_bytes(8, "big") for topic, last in value]
            out += len(value).to_bytes(2, "big") + b"".join(topics)
        else:
            width = bool(value) * (8 if kind == "O" else 1) if kind in "oO" else kind  # left out if it is 0
            out += sized(value.encode(), 1 + (kind == "r")) if kind in "sr" else value.to_bytes(int(width), "big")
    return out

class Reader(io.BytesIO):
    def take(self, count):
        octets = self.read(count)
        assert len(octets) == count, "malformed frame"
        return octets

    def number(self, width):
        value = int.from_bytes(self.take(width), "big")
        assert width < 4 or value >> 8 * width - 1 == 0, "malformed frame"
        return value

    def text(self, width):
        return self.take(self.number(width)).decode()

    def headers(self):
        block = Reader(self.take(self.number(2)))
        return {block.text(1): block.text(2) for _ in iter(lambda: block.tell() < len(block.getvalue()), False)}

    def field(self, kind):
        if kind == "t":
            return [[self.text(1), self.number(8)] for _ in range(self.number(2))]
        if kind in "oO":
            return self.number(8 if kind == "O" else 1) if self.tell() < len(self.getvalue()) else 0
        return self.text(1 + (kind == "r")) if kind in "sr" else self.number(int(kind))

def decode(frame):
    assert len(frame) > 2 and frame[0] == 0xB7 and frame[1] == 1 and frame[2] in NAMES, "malformed frame"
    reader, name = Reader(frame[3:]), NAMES[frame[2]]
    fields = {key: reader.field(kind) for key, kind in (field.split(":") for field in COMMANDS[name][1].split())}
    assert not reader.read(), "malformed frame"
    return name, fields

def encode_batch(publisher, topic, epoch, sequence, records, multipart=False, sparse=False, headers=()):
    packed = [b"".join(sized(k.encode(), 1) + sized(v.encode(), 2) for k, v in pairs.items()) for pairs in headers]
    records = [sized(pairs, 2) + record for pairs, record in zip(packed, records)] if headers else records
    body = struct.pack(">BQQI", multipart | sparse << 1 | bool(headers) << 2, epoch, sequence, len(records))
    body += sized(publisher.encode(), 1) + sized(topic.encode(), 1) + b"".join(sized(r, 4) for r in records)
    return b"\xb7\x01\x10" + struct.pack(">I", crc32c(body)) + body

def decode_batch(frame):
    assert frame[:3] == b"\xb7\x01\x10" and int.from_bytes(frame[3:7], "big") == crc32c(frame[7:]), "malformed frame"
    reader = Reader(frame[7:])
    flags, epoch, sequence, count = (reader.number(width) for width in (1, 8, 8, 4))
    publisher, topic = reader.text(1), reader.text(1)
    readers = [Reader(reader.take(reader.number(4))) for _ in range(count)]
    assert not reader.read() and count and topic and flags < 8, "malformed frame"
    headers = [record.headers() for record in readers] if flags & 4 else []
    return {"publisher": publisher, "topic": topic, "epoch": epoch, "sequence": sequence,
            "headers": headers,
            "records": [record.read() for record in readers], "multipart": bool(flags & 1), "sparse": bool(flags & 2)}
