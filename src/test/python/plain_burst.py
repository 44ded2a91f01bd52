"""Bursts from a plain PUB through something in the middle to a plain SUB; prints what the SUB got, as JSON.

The messages are numbered, over seven topics. Of each round: how many came, how many out of order, and how many a second."""
import argparse, json, multiprocessing, time, zmq

options = argparse.ArgumentParser(description=__doc__)
options.add_argument("--pub", required=True, help="where the PUB connects")
options.add_argument("--sub", required=True, help="where the SUB connects")
options.add_argument("--messages", type=int, default=5_000)
options.add_argument("--bytes", type=int, default=64)
options.add_argument("--rounds", type=int, default=5)
options.add_argument("--proxy", action="store_true", help="binds both addresses and is a bare proxy of libzmq itself")
options = options.parse_args()


def proxy():
    context = zmq.Context()
    front, back = context.socket(zmq.XSUB), context.socket(zmq.XPUB)
    front.bind(options.pub)
    back.bind(options.sub)
    zmq.proxy(front, back)


def subscriber(results):
    socket = zmq.Context().socket(zmq.SUB)
    socket.connect(options.sub)
    socket.setsockopt(zmq.SUBSCRIBE, b"")
    socket.recv_multipart()
    results.put("there")
    got, former, disorder, first, last = 0, -1, 0, 0, 0
    while True:
        if not socket.poll(1_000):
            if got:
                rate = got / max(1e-6, last - first)
                results.put({"got": got, "disorder": disorder, "rate": round(rate)})
            got, former, disorder = 0, -1, 0
            continue
        topic, body = socket.recv_multipart()
        if topic == b"sync":
            continue
        last = time.monotonic()
        first = first if got else last
        number = int(body[:10])
        disorder += number < former
        got, former = got + 1, max(former, number)


if __name__ == "__main__":
    if options.proxy:
        multiprocessing.Process(target=proxy, daemon=True).start()
    results = multiprocessing.Queue()
    multiprocessing.Process(target=subscriber, args=(results,), daemon=True).start()
    socket = zmq.Context().socket(zmq.PUB)
    socket.sndhwm = options.messages  # what the PUB itself drops says nothing of what is in the middle
    socket.connect(options.pub)
    while results.empty():
        socket.send_multipart([b"sync", b""])
        time.sleep(0.01)
    results.get()
    topics = [b"burst/%d" % i for i in range(7)]
    filler = b" " * (options.bytes - 10)
    rounds = []
    for _ in range(options.rounds):
        burst = [[topics[i % 7], b"%010d" % i + filler] for i in range(options.messages)]
        for message in burst:
            socket.send_multipart(message)
        rounds.append(results.get(timeout=60))
    print(json.dumps(rounds), flush=True)
