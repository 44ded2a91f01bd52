package io.bactrian.gateway.routes;

import java.time.Duration;
import java.util.concurrent.Executor;

/**
 * How the processes of the gateway call each other.
 *
 * @param trustFile a PEM file of certificates to trust, empty for those of Java
 * @param apiKey sent with each request, empty for none
 * @param connectTimeoutMs when a connection has failed
 * @param answerMax how long an answer may be, in octets
 */
record PeerClientSettings(String trustFile, String apiKey, long connectTimeoutMs, int answerMax) {
    PeerClient open(Executor executor) {
        return new PeerClient(trustFile, apiKey, Duration.ofMillis(connectTimeoutMs), answerMax, executor);
    }

    @Override
    public String toString() {
        return "PeerClientSettings[trustFile=" + trustFile + "]";
    }
}
