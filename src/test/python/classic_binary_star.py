"""A classic Binary Star node of the speed-limit servers: written from the description of the wire and of the machine alone.

It keeps no log and ships no state. Prints one line for each thing that happens: "role NAME" when its state changes,
"peer DIGIT" for each heartbeat, "served" and "refused" for each Speed.
"""
import argparse
import sys
import time

import zmq

PRIMARY, BACKUP, ACTIVE, PASSIVE = 1, 2, 3, 4
NAMES = {PRIMARY: "PRIMARY", BACKUP: "BACKUP", ACTIVE: "ACTIVE", PASSIVE: "PASSIVE"}

parser = argparse.ArgumentParser()
parser.add_argument("--role", choices=["primary", "backup"], required=True)
parser.add_argument("--listen", required=True, help="where sensors come")
parser.add_argument("--beats", required=True, help="where its own heartbeats go out")
parser.add_argument("--peer-beats", required=True, help="where the peer's heartbeats come from")
parser.add_argument("--heartbeat", type=int, default=1000, help="ms; a peer is dead after two")
args = parser.parse_args()

context = zmq.Context()
sensors = context.socket(zmq.ROUTER)
sensors.bind(args.listen)
beats = context.socket(zmq.PUB)
beats.bind(args.beats)
peer = context.socket(zmq.SUB)
peer.setsockopt(zmq.RECONNECT_IVL, 50)
peer.subscribe(b"")
peer.connect(args.peer_beats)
poller = zmq.Poller()
poller.register(sensors, zmq.POLLIN)
poller.register(peer, zmq.POLLIN)

state = PRIMARY if args.role == "primary" else BACKUP
print("role", NAMES[state], flush=True)
peer_dead_at = 0.0
beat_at = 0.0
server_sequence = 0


def become(new):
    global state
    state = new
    print("role", NAMES[state], flush=True)


def fail(reason):
    print("error", reason, flush=True)
    sys.exit(1)


def heard(digit):
    """The columns of the machine that are heartbeats."""
    if state == PRIMARY:
        if digit == PRIMARY:
            fail("both are primaries")
        elif digit == BACKUP:
            become(ACTIVE)
        elif digit == ACTIVE:
            become(PASSIVE)
    elif state == BACKUP:
        if digit == BACKUP:
            fail("both are backups")
        elif digit == ACTIVE:
            become(PASSIVE)
    elif state == ACTIVE:
        if digit == ACTIVE:
            fail("two actives")
    elif digit in (PRIMARY, BACKUP):
        become(ACTIVE)
    elif digit == PASSIVE:
        fail("two passives")


def admitted():
    """The column of the machine that is a client's request."""
    if state == PASSIVE and time.monotonic() >= peer_dead_at:
        become(ACTIVE)
    return state in (PRIMARY, ACTIVE)


while True:
    now = time.monotonic()
    if now >= beat_at:
        beats.send_string(str(state))
        beat_at = now + args.heartbeat / 1000
    ready = dict(poller.poll(max(1, int((beat_at - now) * 1000))))
    if peer in ready:
        frame = peer.recv()
        if len(frame) != 1 or frame not in b"1234" or peer.getsockopt(zmq.RCVMORE):
            fail("a heartbeat that is not one digit: %r" % frame)
        print("peer", frame.decode(), flush=True)
        peer_dead_at = time.monotonic() + 2 * args.heartbeat / 1000
        heard(int(frame))
    if sensors in ready:
        sensor, speed = sensors.recv_multipart()
        fields = speed.decode().split(",")
        if fields[2] != "Speed":
            continue
        if admitted():
            sensors.send_multipart([sensor, speed])
            average = "%d,Average,%d,%d" % (server_sequence, int(fields[3]), int(time.time()))
            sensors.send_multipart([sensor, average.encode()])
            server_sequence += 1
            print("served", flush=True)
        else:
            print("refused", flush=True)
