"""A road sensor, written from the description of the wire alone.

Prints one line for each thing that happens: "sent SEQ VALUE TIME", "ack SEQ", "average SERVERSEQ VALUE", "server ADDRESS".
"""
import argparse
import sys
import time

import zmq

parser = argparse.ArgumentParser()
parser.add_argument("--id", type=int, default=1)
parser.add_argument("--servers", required=True)
parser.add_argument("--count", type=int, default=10)
parser.add_argument("--interval", type=float, default=0.05)
parser.add_argument("--silence", type=int, default=1000, help="ms without an answer until the other server is tried")
parser.add_argument("--values", default="")
args = parser.parse_args()

servers = args.servers.split(",")
context = zmq.Context()
current = 0
unacknowledged = {}
values = [v for v in args.values.split(";") if v]


def connect():
    socket = context.socket(zmq.DEALER)
    socket.setsockopt(zmq.LINGER, 0)
    socket.connect(servers[current])
    print("server", servers[current], flush=True)
    return socket


socket = connect()
sequence = 0
next_at = time.monotonic()
heard_at = time.monotonic()
while sequence < args.count or unacknowledged:
    now = time.monotonic()
    if sequence < args.count and now >= next_at:
        value = values[sequence % len(values)] if values else str(70 + sequence % 50)
        measured_at = int(time.time())
        unacknowledged[sequence] = "%d,%d,Speed,%s,%d" % (args.id, sequence, value, measured_at)
        print("sent", sequence, value, measured_at, flush=True)
        socket.send_string(unacknowledged[sequence])
        sequence += 1
        next_at = now + args.interval
    if socket.poll(max(1, int(args.interval * 1000))):
        heard_at = time.monotonic()
        fields = socket.recv_string().split(",")
        if len(fields) == 5 and fields[2] == "Speed":
            if unacknowledged.pop(int(fields[1]), None) is not None:
                print("ack", fields[1], flush=True)
        elif len(fields) == 4 and fields[1] == "Average":
            print("average", fields[0], fields[2], flush=True)
            socket.send_string("%d,%s" % (args.id, ",".join(fields)))
        else:
            print("unknown", fields, flush=True)
            sys.exit(1)
    elif unacknowledged and (time.monotonic() - heard_at) * 1000 > args.silence:
        socket.close()
        current = 1 - current
        socket = connect()
        heard_at = time.monotonic()
        for frame in list(unacknowledged.values()):
            socket.send_string(frame)
print("done", flush=True)
