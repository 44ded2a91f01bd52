package io.bactrian.app;

import io.bactrian.support.text.HttpErrors;
import java.net.ProtocolException;
import java.time.Duration;
import org.apache.camel.util.json.DeserializationException;
import org.apache.camel.util.json.JsonObject;
import org.apache.camel.util.json.Jsoner;
import org.jspecify.annotations.Nullable;

/** The answers of processes that commands ask over HTTP, and why there is none. Any thread. */
public final class JsonAnswer {
    /** Why a process does not answer that is not there. */
    public static final String NOBODY = "nothing listens there";

    /** Letters of an answer that an error shows. */
    private static final int SHOWN_MAX = 100;

    private JsonAnswer() {}

    /**
     * Reads an answer that is to be one JSON object.
     *
     * @throws ProtocolException if it is none, or only the beginning of one
     */
    public static JsonObject read(String answer) throws ProtocolException {
        @Nullable Exception broken = null;
        try {
            if (Jsoner.deserialize(answer) instanceof JsonObject object) {
                return object;
            }
        } catch (DeserializationException | RuntimeException e) {
            broken = e;
        }
        ProtocolException none = new ProtocolException("its answer is not a complete JSON object: '"
                + answer.substring(0, Math.min(answer.length(), SHOWN_MAX)).replaceAll("\\s+", " ") + "'");
        none.initCause(broken);
        throw none;
    }

    /** Why there is no answer, for parentheses or the end of a sentence. {@code timeout} is how long it was waited for. */
    public static String why(Exception failure, Duration timeout) {
        if (HttpErrors.isUnknownHost(failure)) {
            return "this host has no address";
        }
        if (HttpErrors.isRefused(failure)) {
            return NOBODY;
        }
        if (HttpErrors.isTimeout(failure)) {
            return "no answer within " + timeout.toMillis() + " ms";
        }
        return HttpErrors.isCutOff(failure)
                ? "its answer was cut off (" + HttpErrors.message(failure) + ")"
                : HttpErrors.message(failure);
    }
}
