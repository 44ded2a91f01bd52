"""Says whether the codec agrees with a file of vectors in both directions."""
import json, sys
from wire import decode, decode_batch, encode, encode_batch

vectors = json.load(open(sys.argv[1], encoding="utf-8"))["valid"]
for vector in vectors:
    frame, fields, batch = bytes.fromhex(vector["hex"]), dict(vector["fields"]), vector["command"] == "BATCH"
    if batch:
        fields["records"] = [bytes.fromhex(record) for record in fields["records"]]
    assert (encode_batch(**fields) if batch else encode(vector["command"], fields)) == frame, vector["name"]
    assert (decode_batch(frame) if batch else decode(frame)[1]) == fields, vector["name"]
print(len(vectors), "vectors agree")
