package io.bactrian.zeromq;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;

/** A connection to a file, with the streams of a socket. It knows no timeouts. */
final class UnixSocket extends Socket {
    private final SocketChannel channel;

    UnixSocket(String file) throws IOException {
        channel = SocketChannel.open(UnixDomainSocketAddress.of(file));
    }

    @Override
    public InputStream getInputStream() {
        return Channels.newInputStream(channel);
    }

    @Override
    public OutputStream getOutputStream() {
        return Channels.newOutputStream(channel);
    }

    @Override
    public void setSoTimeout(int timeoutMs) {
        // a test that waits for ever has a timeout of its own
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
