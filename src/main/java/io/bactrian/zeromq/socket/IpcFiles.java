package io.bactrian.zeromq.socket;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.zeromq.socket.jeromq.JeroMq;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Checks {@code ipc} addresses, which are files. */
final class IpcFiles {
    private static final Logger LOG = LoggerFactory.getLogger(IpcFiles.class);
    private static final String IPC = "ipc://";

    /** The name of a socket has 108 octets on Linux, of which Java leaves two unused. */
    private static final int PATH_OCTETS_MAX = 106;

    private IpcFiles() {}

    /**
     * Looks at an address before it is connected to.
     *
     * @throws IOException if it would be no Unix socket, or its path is too long
     */
    static void check(String address) throws IOException {
        if (!address.startsWith(IPC)) {
            return;
        }
        if (!JeroMq.hasUnixSockets()) {
            throw new IOException(
                    "ipc is not there: the jar that holds JeroMQ has lost Multi-Release: true in its manifest,"
                            + " as shading does, and JeroMQ would open a TCP port in place of the file; add it to the manifest");
        }
        int octets = address.substring(IPC.length()).getBytes(UTF_8).length;
        if (octets > PATH_OCTETS_MAX) {
            throw new IOException("the path has " + octets + " octets, and a socket's has at most " + PATH_OCTETS_MAX);
        }
    }

    /**
     * Deletes the file of a socket whose process was killed, which would keep the address from being bound. One that
     * somebody listens on stays, and so does a file that is no socket.
     */
    static void removeStale(String address) throws IOException {
        if (!address.startsWith(IPC)) {
            return;
        }
        Path file = Path.of(address.substring(IPC.length()));
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                || !Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther()) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
            LOG.debug("somebody listens file={} probe={}", file, probe.isConnected());
        } catch (ConnectException nobody) {
            LOG.info("the file of a socket on which nobody listens is removed file={}", file);
            Files.deleteIfExists(file);
        }
    }
}
