package io.bactrian.gateway.routes;

import java.util.List;

/**
 * How a server of the gateway listens.
 *
 * @param name of the server in logs and metrics: {@code balancer} or {@code worker}
 * @param host the address that it binds
 * @param ports the ports that it binds, at least one; all serve the same routes
 * @param threads how many requests are worked on at a time
 * @param bodyBytesMax the largest body of a request
 * @param largeBytesMax how many octets large bodies and answers may have together
 * @param connectionsMax how many connections are open at a time
 * @param requestTimeoutMs a request must have come, and its answer must be under way, within this time
 * @param idleTimeoutMs a connection without requests is closed after this time
 * @param apiKey what the header X-API-Key must be, empty for no such check
 * @param hosts names of this server, apart from addresses and names without a dot
 * @param certificateFile a PEM file with the certificate chain, empty for no TLS
 * @param keyFile a PEM file with the key
 */
record GatewayHttpSettings(
        String name,
        String host,
        List<Integer> ports,
        int threads,
        int bodyBytesMax,
        long largeBytesMax,
        int connectionsMax,
        long requestTimeoutMs,
        long idleTimeoutMs,
        String apiKey,
        List<String> hosts,
        String certificateFile,
        String keyFile) {
    GatewayHttpSettings {
        ports = List.copyOf(ports);
        hosts = List.copyOf(hosts);
        if (ports.isEmpty()) {
            throw new IllegalArgumentException("A server of the gateway needs a port");
        }
    }

    boolean tls() {
        return !certificateFile.isEmpty();
    }

    @Override
    public String toString() {
        return "GatewayHttpSettings[" + name + " " + host + " " + ports + "]";
    }
}
