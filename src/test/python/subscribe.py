"""Prints --count messages of --topic, each after its headers. The cursor is in a file, so a second run goes on behind."""
import argparse, json, os, random, time, zmq
from wire import decode, decode_batch, encode

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--hub-subscribe", default="tcp://127.0.0.1:5571")
options.add_argument("--subscriber", required=True)
options.add_argument("--topic", required=True)
options.add_argument("--count", type=int, required=True)
options.add_argument("--cursor", help="a file; default SUBSCRIBER.cursor")
options = options.parse_args()
path = options.cursor or options.subscriber + ".cursor"
state = json.load(open(path)) if os.path.exists(path) else {"generation": 0, "log-epoch": 0, "cursor": 0}
socket = zmq.Context().socket(zmq.DEALER)
socket.connect(options.hub_subscribe)
instance, session, request, subscribed, asked, printed = random.getrandbits(63), 0, 0, False, 0, 0

def store(**changes):
    state.update(changes)
    with open(path + ".new", "w") as file:
        json.dump(state, file)
    os.replace(path + ".new", path)

def send(name, **fields):
    socket.send(encode(name, fields))

while printed < options.count:
    if time.time() - asked > 0.5:  # nothing heard: ask again
        asked = time.time()
        if not session:
            send("ATTACH", subscriber=options.subscriber, instance=instance, window=1 << 20, flags=1, **state)
        elif not subscribed:
            pattern, request = {"kind": 0, "from": 0, "position": 0, "pattern": options.topic}, request + 1
            send("SUBSCRIBE", session=session, request=request, cursor=state["cursor"], **pattern)
        else:
            send("ACKNOWLEDGE", session=session, cursor=state["cursor"], flags=1)
    if not socket.poll(100):
        continue
    frames = socket.recv_multipart()
    name, got = decode(frames[0])
    if name == "ATTACHED" and got["instance"] == instance and not session:
        session, subscribed, asked = got["session"], False, 0
        store(**{key: got[key] for key in state})
    elif name == "SUBSCRIBED" and got["request"] == request and not subscribed:
        session, subscribed, asked = got["session"], True, time.time()
        store(generation=got["generation"], cursor=got["cursor"])
    elif name == "ERROR" and got["session"] == session:
        session, asked = 0, 0
    elif name in ("DELIVER", "END") and got["session"] == session and subscribed:
        asked = time.time()
        if got["previous"] > state["cursor"]:
            send("RESEND", session=session, cursor=state["cursor"])
        elif name == "END":
            store(cursor=max(state["cursor"], got["end"]))
        else:
            had = max(0, state["cursor"] + 1 - got["position"])
            batch = decode_batch(frames[1])
            records = list(zip(batch["headers"] or [{}] * len(batch["records"]), batch["records"]))
            records = records[had:][: options.count - printed]
            for printed, (headers, record) in enumerate(records, printed + 1):
                print(*[json.dumps(headers)] * bool(headers), record.decode(), flush=True)
            store(cursor=max(state["cursor"], got["position"] + had + len(records) - 1))
            send("ACKNOWLEDGE", session=session, cursor=state["cursor"], flags=0)
send("DETACH", session=session)
