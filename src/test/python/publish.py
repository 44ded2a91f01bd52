"""Publishes --count messages, the lines "TOPIC 1" and so on; exits when the hub has accepted every one."""
import argparse, random, time, zmq
from wire import decode, encode, encode_batch

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--hub-publish", default="tcp://127.0.0.1:5570")
options.add_argument("--publisher", default="python")
options.add_argument("--topic", required=True)
options.add_argument("--count", type=int, required=True)
options = options.parse_args()
socket = zmq.Context().socket(zmq.DEALER)
socket.connect(options.hub_publish)
instance, epoch, base, accepted, sent, heard = random.getrandbits(63), 0, None, 0, 0, 0

while accepted < options.count:
    if time.time() - heard > 1:  # silence: say again where we are; batches follow from the first unaccepted
        known = [[options.topic, (base or 0) + accepted]]
        fields = {"publisher": options.publisher, "instance": instance, "epoch": epoch, "accepted": known}
        socket.send(encode("OPEN" if epoch else "HELLO", fields))
        heard, sent = time.time(), accepted
    while base is not None and sent < options.count and sent - accepted < 2000:
        records = [f"{options.topic} {n}".encode() for n in range(sent + 1, min(sent + 100, options.count) + 1)]
        socket.send(encode_batch(options.publisher, options.topic, epoch, base + sent + 1, records))
        sent += len(records)
    if not socket.poll(200):
        continue
    name, fields = decode(socket.recv())
    if name == "WELCOME" and fields["instance"] == instance:
        epoch, heard = fields["epoch"], 0
    elif name in ("OPENED", "ACK") and fields["epoch"] == epoch:
        for topic, last in fields["last"]:
            base = last if base is None else base
            accepted, heard = max(accepted, last - base), time.time()
    elif name == "REFUSE" and fields["epoch"] == epoch:
        if fields["code"] == 3:  # unknown-publisher: OPEN for a batch, HELLO if that is refused too
            epoch, heard = epoch if fields["topic"] else 0, 0
        elif fields["code"] in (1, 11):  # gap, unavailable
            sent = accepted
            time.sleep(0.05)
        else:
            raise SystemExit(fields["text"])
print(accepted, "accepted")
