package io.bactrian.federation.core;

import io.bactrian.federation.core.ClusteredHashmap.KeyValue;
import io.bactrian.wire.FrameWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A message from an actor of one node to an actor of another.
 *
 * @param uuid 16 octets that name it
 * @param from the sender, {@code actor@node}
 * @param to the receiver, {@code actor@node}
 * @param dialog whether an answer is wanted
 * @param sentMs when it was sent, in ms since 1970, by the sender's clock
 * @param lifeMs how long the sender waits
 * @param hops how many nodes have passed it on
 * @param body what the actor gets
 * @param signature of the sender's node, in Base64; empty without signatures
 */
@SuppressWarnings("ArrayRecordComponent") // octets that nobody changes
public record ActorCommand(
        byte[] uuid,
        Address from,
        Address to,
        boolean dialog,
        long sentMs,
        long lifeMs,
        int hops,
        byte[] body,
        String signature) {
    /** The first frame of a command on the wire. */
    public static final String NAME = "COMMAND";

    /**
     * An actor of a node.
     *
     * @param actor the actor, such as {@code fan}
     * @param node the id of the node
     */
    public record Address(String actor, String node) {
        private static final Pattern ACTOR = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");
        private static final Pattern NODE = Pattern.compile("[A-Za-z0-9_.-]{1,512}");

        /** Reads {@code actor@node}, or {@code actor} for one at {@code here}. */
        public static Address parse(String text, String here) {
            int at = text.indexOf('@');
            String actor = at < 0 ? text : text.substring(0, at);
            String node = at < 0 ? here : text.substring(at + 1);
            if (!ACTOR.matcher(actor).matches() || !NODE.matcher(node).matches()) {
                throw new IllegalArgumentException("an address is actor@node.path, the actor of a-z, 0-9 and -, not '"
                        + (text.length() > 200 ? text.substring(0, 200) : text) + "'");
            }
            return new Address(actor, node);
        }

        @Override
        public String toString() {
            return actor + "@" + node;
        }
    }

    /** Returns the octets that the sender's node signs: everything but the hops. */
    public byte[] signed() {
        FrameWriter out = new FrameWriter(256);
        out.utf("command");
        out.bytes(uuid, 0, uuid.length);
        out.utf(from.toString());
        out.utf(to.toString());
        out.u8(dialog ? 1 : 0);
        out.u64(sentMs);
        out.u64(lifeMs);
        out.bytes(body, 0, body.length);
        return out.done();
    }

    ActorCommand with(String newSignature) {
        return new ActorCommand(uuid, from, to, dialog, sentMs, lifeMs, hops, body, newSignature);
    }

    ActorCommand passedOn() {
        return new ActorCommand(uuid, from, to, dialog, sentMs, lifeMs, hops + 1, body, signature);
    }

    List<byte[]> frames() {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("from", from.toString());
        properties.put("to", to.toString());
        properties.put("dialog", Boolean.toString(dialog));
        properties.put("sent", Long.toString(sentMs));
        properties.put("life", Long.toString(lifeMs));
        properties.put("hops", Integer.toString(hops));
        properties.put("signature", signature);
        return ClusteredHashmap.frames(NAME, 0, uuid, properties, body);
    }

    static ActorCommand read(KeyValue message) {
        if (message.uuid().length == 0) {
            throw new IllegalArgumentException("a command has a UUID");
        }
        return new ActorCommand(
                message.uuid(),
                Address.parse(message.property("from"), ""),
                Address.parse(message.property("to"), ""),
                Boolean.parseBoolean(message.property("dialog")),
                Long.parseLong(message.property("sent")),
                Long.parseLong(message.property("life")),
                Integer.parseInt(message.property("hops")),
                message.body(),
                message.property("signature"));
    }
}
