package io.bactrian.federation.core;

import io.bactrian.federation.core.ClusteredHashmap.KeyValue;
import io.bactrian.wire.FrameWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer to a command, or the report that it has not reached its receiver.
 *
 * @param uuid the command's
 * @param from the node that answers
 * @param to who sent the command
 * @param done whether the command was done; else {@code body} is the reason
 * @param hops how many nodes have passed it on
 * @param body the answer
 * @param signature of the node that answers, in Base64; empty without signatures
 */
@SuppressWarnings("ArrayRecordComponent") // octets that nobody changes
public record CommandReply(
        byte[] uuid, String from, ActorCommand.Address to, boolean done, int hops, byte[] body, String signature) {
    /** The first frame of an answer on the wire. */
    public static final String NAME = "REPLY";

    /** Returns the octets that the answering node signs. */
    public byte[] signed() {
        FrameWriter out = new FrameWriter(256);
        out.utf("reply");
        out.bytes(uuid, 0, uuid.length);
        out.utf(from);
        out.utf(to.toString());
        out.u8(done ? 1 : 0);
        out.bytes(body, 0, body.length);
        return out.done();
    }

    /** The body as UTF-8. */
    public String text() {
        return ClusteredHashmap.text(body);
    }

    CommandReply with(String newSignature) {
        return new CommandReply(uuid, from, to, done, hops, body, newSignature);
    }

    CommandReply passedOn() {
        return new CommandReply(uuid, from, to, done, hops + 1, body, signature);
    }

    List<byte[]> frames() {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("from", from);
        properties.put("to", to.toString());
        properties.put("done", Boolean.toString(done));
        properties.put("hops", Integer.toString(hops));
        properties.put("signature", signature);
        return ClusteredHashmap.frames(NAME, 0, uuid, properties, body);
    }

    static CommandReply read(KeyValue message) {
        if (message.uuid().length == 0) {
            throw new IllegalArgumentException("an answer has the UUID of its command");
        }
        return new CommandReply(
                message.uuid(),
                message.property("from"),
                ActorCommand.Address.parse(message.property("to"), ""),
                Boolean.parseBoolean(message.property("done")),
                Integer.parseInt(message.property("hops")),
                message.body(),
                message.property("signature"));
    }
}
