package io.bactrian.app.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * One HTTP/1.1 connection that stays open, with one GET at a time. It does as little as a load generator can, so that the
 * measured servers have the processors. One thread.
 */
final class KeepAliveConnection implements AutoCloseable {
    private static final int ANSWER_MAX = 16 * 1024;
    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final String HEAD_END = "\r\n\r\n";

    private final String authority;
    private final SocketChannel channel;
    private final ByteBuffer answer = ByteBuffer.allocate(ANSWER_MAX);
    private String head = "";
    private int end = -1;

    /** Connects, and tells the selector of what can be read; the attachment of the key is {@code owner}. */
    KeepAliveConnection(String authority, Selector selector, Object owner) throws IOException {
        this.authority = authority;
        int colon = authority.lastIndexOf(':');
        channel = SocketChannel.open(
                new InetSocketAddress(authority.substring(0, colon), Integer.parseInt(authority.substring(colon + 1))));
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ, owner);
    }

    /** The host and port that it is connected to. */
    String authority() {
        return authority;
    }

    /** Sends a request; a request is short enough for the send buffer of an idle connection. */
    void get(String path) throws IOException {
        answer.clear();
        head = "";
        end = -1;
        ByteBuffer request = ByteBuffer.wrap(
                ("GET " + path + " HTTP/1.1\r\nHost: " + authority + HEAD_END).getBytes(StandardCharsets.US_ASCII));
        channel.write(request);
        if (request.hasRemaining()) {
            throw new IOException("The connection to " + authority + " takes no request");
        }
    }

    /** Reads what has come; true when the answer is complete. */
    boolean read() throws IOException {
        if (channel.read(answer) < 0) {
            throw new EOFException(authority + " has closed the connection");
        }
        if (end < 0) {
            String text = new String(answer.array(), 0, answer.position(), StandardCharsets.ISO_8859_1);
            int headEnd = text.indexOf(HEAD_END);
            if (headEnd < 0) {
                return fits();
            }
            head = text.substring(0, headEnd + 2);
            end = headEnd + HEAD_END.length() + Integer.parseInt(header("content-length"));
        }
        return answer.position() >= end || fits();
    }

    private boolean fits() throws IOException {
        if (answer.hasRemaining()) {
            return false;
        }
        throw new IOException("The answer of " + authority + " is longer than " + ANSWER_MAX + " octets");
    }

    /** The status of the answer. */
    int status() {
        return Integer.parseInt(head.substring(STATUS_AT, STATUS_AT + 3));
    }

    /** The value of a header of the answer, whose name is written in small letters. */
    String header(String name) throws IOException {
        int line = head.indexOf("\r\n");
        while (line >= 0 && line + 2 < head.length()) {
            int start = line + 2;
            line = head.indexOf("\r\n", start);
            if (head.regionMatches(true, start, name, 0, name.length()) && head.charAt(start + name.length()) == ':') {
                return head.substring(start + name.length() + 1, line).strip();
            }
        }
        throw new IOException("The answer of " + authority + " has no header " + name + ": " + head);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
