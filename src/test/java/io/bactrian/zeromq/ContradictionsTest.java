package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Options that make no sense together, or not for the socket, stop the start and say what to change. */
class ContradictionsTest extends ZeroMqTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pull | immediate=true | immediate=true is only for a socket that connects: set bind=false, or leave it out",
                "push | backlog=7 | backlog=7 is only for a socket that binds: set bind=true, or leave it out",
                "pull | backlog=0 | backlog=0 must be at least 1",
                "push | reconnectInterval=3s | reconnectIntervalMax=2000 is less than reconnectInterval=3000: make it larger, or 0 for no growth",
                "push | tcpKeepAliveIdle=5 | tcpKeepAliveIdle=5 needs tcpKeepAlive=true",
                "push | tcpKeepAlive=false&tcpKeepAliveCount=5 | tcpKeepAliveCount=5 needs tcpKeepAlive=true",
                "push | tcpKeepAlive=true&tcpKeepAliveInterval=0 | tcpKeepAliveInterval=0 must be at least 1, or -1 as the system has it",
                "push | heartbeatTimeout=5s | heartbeatTimeout=5000 needs heartbeats: set heartbeatInterval",
                "push | heartbeatTtl=5s | heartbeatTtl=5000 needs heartbeats: set heartbeatInterval",
                "push | heartbeatInterval=1s&heartbeatTtl=99 | heartbeatTtl=99 must be 0 or from 100 to 655300 ms",
                "pull | maxMessageBytes=1000 | maxMessageBytes=1000 is less than maxFrameBytes=16777216: make it larger, or maxFrameBytes smaller",
                "pull | maxIncompleteBytes=1000 | maxIncompleteBytes=1000 is less than maxFrameBytes=16777216: make it larger, or maxFrameBytes smaller",
                "pull | handshakeTimeout=200 | handshakeTimeout=200 is less than handshakeInterval=300, which is a part of it: make it larger",
                "pull | security=plain&allowOldPeers=true | allowOldPeers=true lets in who knows no security, and security=plain does not: leave one of them out",
                "pull | maxConnections=0 | maxConnections=0 must be at least 1",
                "pull | security=curve&curveAllowAnyClient=true&receiveBufferBytes=8193 | receiveBufferBytes=8193 must be at most 8192 with security=curve: larger steps overshoot curveBacklogBytes",
                "push | typeOfService=256 | typeOfService=256 must be at most 255",
                "push | sendBufferBytes=-1 | sendBufferBytes=-1 must be at least 0",
                "xpub | xpubVerbose=true&xpubVerboser=true | xpubVerboser=true reports what xpubVerbose=true does and more: set one of them",
                "xpub | xpubManual=true&xpubVerbose=true | xpubManual=true reports every subscription: leave xpubVerbose and xpubVerboser out",
                "xpub | xpubManual=true&batchSize=2 | xpubManual=true decides about one subscription after the other: batchSize must be 1",
                "pub | xpubManual=true | xpubManual is only for [xpub]",
                "pub | conflate=true&topic=t | conflate=true keeps single frames, and topic=t makes messages of two: leave one of them out",
                "dealer | conflate=true&envelope=true | conflate=true keeps single frames, and envelope=true makes messages of several: leave one of them out",
                "router | conflate=true | conflate is only for [push, pull, pub, sub, dealer]",
                "pull | probeRouter=true | probeRouter is only for [router, dealer]",
                "pull | helloMessage=x | helloMessage is only for [router, dealer]",
                "dealer | disconnectMessage=x | disconnectMessage is only for [router]",
                "rep | batchSize=2 | batchSize=2 must be 1 for a rep, which answers each request",
                "dealer | routingId=%00x | routingId must have 1 to 255 octets and not begin with a zero",
            })
    void aContradictionSaysWhatToChange(String kind, String options, String message) {
        assertThatThrownBy(() -> settings("zeromq:" + kind + ":" + FREE + "?" + options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource({
        "push, immediate=true",
        "pull, bind=false&immediate=true",
        "push, bind=true&backlog=7",
        "push, reconnectInterval=3s&reconnectIntervalMax=0",
        "push, heartbeatInterval=1s&heartbeatTtl=100&heartbeatTimeout=5s",
        "push, tcpKeepAlive=true&tcpKeepAliveIdle=1",
        "dealer, conflate=true",
    })
    void whatMakesSenseIsTaken(String kind, String options) {
        assertThatCode(() -> settings("zeromq:" + kind + ":" + FREE + "?" + options))
                .doesNotThrowAnyException();
    }

    private void settings(String uri) {
        ZeroMqSettings.of(context.getEndpoint(uri, ZeroMqEndpoint.class).getConfiguration());
    }
}
