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
