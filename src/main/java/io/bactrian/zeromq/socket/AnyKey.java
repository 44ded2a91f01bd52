package io.bactrian.zeromq.socket;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** Admits every peer that has proved to own its CURVE key. */
final class AnyKey implements ZapAuthenticator {
    @Override
    public void decide(Request request, Executor slow, Consumer<Decision> answer) {
        byte[] key = request.credentials().isEmpty()
                ? new byte[0]
                : request.credentials().get(0);
        boolean valid = key.length == CurveKey.OCTETS;
        answer.accept(new Decision(
                valid ? Decision.ADMITTED : Decision.REFUSED,
                valid ? CurveKey.of(key).fingerprint() : "-",
                valid ? "every key is admitted" : "its credentials are no CURVE key"));
    }
}
