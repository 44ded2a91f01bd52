"""A client of the Clustered Hashmap Protocol, written from ZeroMQ RFC 12 alone.

clone_client.py SUBTREE SECONDS SET PORT [PORT...]: takes a snapshot of the subtree from the first server, prints
"sync key value", sends the sets "key=value[:ttl]" separated by commas, then prints "pub key value" for each update. When a
server sends no HUGZ and no update for two seconds it goes to the next one, and prints "failover".
"""
import struct
import sys
import time
import uuid
import zmq

subtree, seconds, sets, ports = sys.argv[1], float(sys.argv[2]), sys.argv[3], [int(p) for p in sys.argv[4:]]
context = zmq.Context()
silence = 2.0


def connect(port):
    subscriber = context.socket(zmq.SUB)
    subscriber.setsockopt(zmq.LINGER, 0)
    subscriber.setsockopt_string(zmq.SUBSCRIBE, subtree)
    subscriber.setsockopt_string(zmq.SUBSCRIBE, "HUGZ")
    subscriber.connect("tcp://127.0.0.1:%d" % (port + 1))
    snapshot = context.socket(zmq.DEALER)
    snapshot.setsockopt(zmq.LINGER, 0)
    snapshot.connect("tcp://127.0.0.1:%d" % port)
    publisher = context.socket(zmq.PUSH)
    publisher.setsockopt(zmq.LINGER, 1000)
    publisher.connect("tcp://127.0.0.1:%d" % (port + 2))
    return snapshot, subscriber, publisher


def sync(snapshot):
    """The sequence of the snapshot, or None if the server does not answer."""
    snapshot.send_multipart([b"ICANHAZ?", subtree.encode()])
    while snapshot.poll(silence * 1000):
        key, sequence, _, _, body = snapshot.recv_multipart()
        if key == b"KTHXBAI":
            assert body == subtree.encode(), body
            return struct.unpack("!q", sequence)[0]
        print("sync", key.decode(), body.decode(), flush=True)
    return None


def run():
    end = time.time() + seconds
    server = 0
    while time.time() < end:
        snapshot, subscriber, publisher = connect(ports[server % len(ports)])
        last = sync(snapshot)
        if last is not None:
            print("synced", flush=True)
            global sets
            for item in [s for s in sets.split(",") if s]:
                key, value = item.split("=")
                value, _, ttl = value.partition(":")
                properties = ("ttl=%s\n" % ttl).encode() if ttl else b""
                publisher.send_multipart([key.encode(), struct.pack("!q", 0), uuid.uuid4().bytes, properties, value.encode()])
            sets = ""
            heard = time.time()
            while time.time() < end and time.time() - heard < silence:
                if not subscriber.poll(100):
                    continue
                heard = time.time()
                key, sequence, _, _, body = subscriber.recv_multipart()
                sequence = struct.unpack("!q", sequence)[0]
                if key == b"HUGZ":
                    print("hugz", flush=True)
                elif sequence > last:
                    last = sequence
                    print("pub", key.decode(), body.decode(), flush=True)
        if time.time() < end:
            print("failover", flush=True)
            server += 1
        for socket in (snapshot, subscriber, publisher):
            socket.close()


run()
