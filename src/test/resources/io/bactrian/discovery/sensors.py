# The reference's sensors, written anew from its page: what they send, on which sockets.
import json, sys, time, zmq

context = zmq.Context()


def announcement(kind, node_id, port, message=None, **more):
    header = {"node_id": node_id, "node_name": "sensor " + node_id, "node_ip": "127.0.0.1", "node_port": port,
              "node_group": "/device", "channel_name": "premium"}
    header.update(more)
    return json.dumps({"discovery": {kind: {"header": header, "payload": {
        "message": message or kind + "_discovery_message"}}}})


def frames(kind, node_id, port, **more):
    return [b"channel-one", b"test-host", b"127.0.0.1", announcement(kind, node_id, port, **more).encode()]


def request(address, message, timeout=10000):
    s = context.socket(zmq.REQ)
    s.setsockopt(zmq.LINGER, 0)
    s.connect(address)
    s.send_multipart(message)
    if not s.poll(timeout):
        print("no answer", flush=True)
        sys.exit(3)
    answer = s.recv().decode()
    s.close()
    return answer


def live(node_id, host, port, *routers):
    """A sensor that registers with several routers, again every 2 s, and echoes what it is pinged with."""
    pings = context.socket(zmq.REP)
    pings.bind("tcp://%s:%s" % (host, port))
    poller = zmq.Poller()
    poller.register(pings, zmq.POLLIN)
    ways = []
    for address in routers:
        s = context.socket(zmq.DEALER)
        s.setsockopt(zmq.LINGER, 0)
        s.setsockopt(zmq.SNDHWM, 2)
        s.connect(address)
        poller.register(s, zmq.POLLIN)
        ways.append(s)
    due = 0
    while True:
        if time.time() >= due:
            due = time.time() + 2
            for s in ways:
                try:
                    s.send_multipart([b""] + frames("publisher", node_id, int(port), node_ip=host, ping_port=int(port),
                                                    instance=node_id, lease_ms=10000), zmq.NOBLOCK)
                except zmq.Again:
                    pass  # that router is away
        for s, _ in poller.poll(200):
            if s is pings:
                s.send(s.recv())
            else:
                s.recv_multipart()
