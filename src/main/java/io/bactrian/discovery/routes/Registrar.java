package io.bactrian.discovery.routes;

import io.bactrian.discovery.core.Content;
import io.bactrian.discovery.core.Registration;
import io.bactrian.discovery.core.RequestRefusedException;
import io.bactrian.zeromq.ZeroMqMessage;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.camel.Body;
import org.apache.camel.util.json.JsonArray;
import org.apache.camel.util.json.JsonObject;

/**
 * Takes registrations: of four frames, channel, host name, host address and JSON, as the reference sends them, as a request
 * or as a publication. A request is answered at once with {@code ACK} or {@code ERR reason}, and so are queries and pings.
 */
public final class Registrar {
    private static final int FRAMES = 4;
    /** With these octets begin the topics on which routers publish. */
    private static final byte[] RESERVED = "discovery/".getBytes(StandardCharsets.UTF_8);

    private static final byte[] MARK = "\"discovery\"".getBytes(StandardCharsets.UTF_8);

    private final RouterNode router;
    private final Queries queries;

    Registrar(RouterNode router, Queries queries) {
        this.router = router;
        this.queries = queries;
    }

    /** Answers a request: a registration, a query as one frame of JSON, or a ping. */
    public String request(@Body Object body) {
        List<byte[]> frames = frames(body);
        String who = "request";
        try {
            checkSize(frames);
            if (frames.size() == 1) {
                String text = text(frames.get(0), "request");
                if (text.startsWith("ping")) {
                    return text;
                }
                JsonObject json = RegistrationJson.object(text);
                if (json.get("query") instanceof JsonObject query) {
                    return queries.answer(query);
                }
                return register(text, "");
            }
            if (frames.size() != FRAMES) {
                throw new RequestRefusedException("a registration has " + FRAMES
                        + " frames, channel, host name, host address" + " and JSON, and this one has " + frames.size());
            }
            who = text(frames.get(2), "host address");
            return register(text(frames.get(FRAMES - 1), "JSON"), who);
        } catch (RequestRefusedException e) {
            router.notices().add("registration-refused", who, e.reason());
            return "ERR " + e.reason();
        }
    }

    @SuppressWarnings("unchecked") // the component gives no other
    private static List<byte[]> frames(Object body) {
        return body instanceof byte[] one ? List.of(one) : (List<byte[]>) body;
    }

    private void checkSize(List<byte[]> frames) {
        long octets = frames.stream().mapToLong(frame -> frame.length).sum();
        if (octets > router.settings().registrationBytesMax()) {
            throw new RequestRefusedException("the request takes " + octets + " octets, at most "
                    + router.settings().registrationBytesMax());
        }
    }

    private String register(String json, String host) {
        RegistrationJson.Announcement announcement = RegistrationJson.announcement(
                json,
                host,
                router.settings().router().leaseMs(),
                router.settings().pingPort());
        Registration node = announcement.node();
        if (announcement.leaves()) {
            if (!router.deregister(node.id(), node.instance())) {
                throw new RequestRefusedException("no node with this id is registered here");
            }
            return "ACK";
        }
        router.register(node);
        return announcement.wantsJson() ? acknowledgement(node) : "ACK";
    }

    private String acknowledgement(Registration node) {
        JsonObject json = new JsonObject();
        json.put("ack", true);
        json.put("router", router.id());
        json.put("leaseMs", node.leaseMs());
        json.put("assignments", new JsonArray(router.work(node.group(), node.id())));
        JsonArray routers = new JsonArray();
        for (Content.Router other : router.routers()) {
            if (other.state().member()) {
                routers.add(other.register());
            }
        }
        json.put("routers", routers);
        return json.toJson();
    }

    /**
     * Looks for announcements among publications. They are passed on as they are, but for those on the topics of the routers:
     * nobody else says who does what.
     *
     * @return what is passed on
     */
    public List<ZeroMqMessage> observe(@Body List<ZeroMqMessage> publications) {
        byte[] channel = router.settings().channel().getBytes(StandardCharsets.UTF_8);
        List<ZeroMqMessage> passed = new ArrayList<>(publications.size());
        for (ZeroMqMessage publication : publications) {
            if (startsWith(publication.frame(0), RESERVED)) {
                router.notices()
                        .add(
                                "topic-reserved",
                                "publication",
                                "topics that begin with discovery/ are those of the routers");
                continue;
            }
            passed.add(publication);
            if (publication.size() == FRAMES && Arrays.equals(channel, publication.frame(0))) {
                byte[] json = publication.frame(FRAMES - 1);
                if (contains(json, MARK)) {
                    announced(publication);
                }
            }
        }
        return passed;
    }

    private static boolean startsWith(byte[] text, byte[] part) {
        return text.length >= part.length && Arrays.equals(text, 0, part.length, part, 0, part.length);
    }

    private void announced(ZeroMqMessage publication) {
        String who = "publication";
        try {
            checkSize(publication.frames());
            who = text(publication.frame(2), "host address");
            register(text(publication.frame(FRAMES - 1), "JSON"), who);
        } catch (RequestRefusedException e) {
            router.notices().add("announcement-refused", who, e.reason());
        }
    }

    private static boolean contains(byte[] text, byte[] part) {
        for (int i = 0; i <= text.length - part.length; i++) {
            if (Arrays.equals(text, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }

    private static String text(byte[] frame, String what) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(frame))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new RequestRefusedException("the " + what + " is not UTF-8");
        }
    }
}
