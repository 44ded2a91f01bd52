package io.bactrian.app.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One HTTP/1.1 connection that stays open, with one GET at a time. It does as little as a load generator can, so that the
 * measured servers have the processors: a request like the last one is sent again as it is, and the head of an answer is compared,
 * octet for octet, with that of the last one and read only if it differs. One thread.
 */
final class KeepAliveConnection implements AutoCloseable {
    private static final int ANSWER_MAX = 16 * 1024;
    private static final int STATUS_AT = "HTTP/1.1 ".length();
    private static final byte[] HEAD_END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private final String authority;
    private final SocketChannel channel;
    private final ByteBuffer answer = ByteBuffer.allocate(ANSWER_MAX);
    private String path = "";
    private ByteBuffer request = ByteBuffer.allocateDirect(0);

    /** The head of the last answer, with the empty line at its end, and what is in it. */
    private byte[] headOctets = new byte[0];

    private String head = "";
    private int bodyLength;
    private boolean headRead;

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
    void get(String wanted) throws IOException {
        answer.clear();
        headRead = false;
        if (!path.equals(wanted)) {
            path = wanted;
            byte[] octets = ("GET " + wanted + " HTTP/1.1\r\nHost: " + authority + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            request = ByteBuffer.allocateDirect(octets.length).put(octets);
        }
        request.flip();
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
        if (!headRead) {
            headRead = isHeadOfLastAnswer() || readHead();
        }
        if (headRead && answer.position() >= headOctets.length + bodyLength) {
            return true;
        }
        if (answer.hasRemaining()) {
            return false;
        }
        throw new IOException("The answer of " + authority + " is longer than " + ANSWER_MAX + " octets");
    }

    private boolean isHeadOfLastAnswer() {
        return headOctets.length > 0
                && answer.position() >= headOctets.length
                && Arrays.equals(answer.array(), 0, headOctets.length, headOctets, 0, headOctets.length);
    }

    /** False if it has not come as a whole. */
    private boolean readHead() throws IOException {
        int end = headEnd();
        if (end < 0) {
            return false;
        }
        headOctets = Arrays.copyOf(answer.array(), end);
        head = new String(headOctets, 0, end - 2, StandardCharsets.ISO_8859_1);
        bodyLength = Integer.parseInt(header("content-length"));
        return true;
    }

    /** Where the body begins, below 0 if the empty line has not come. */
    private int headEnd() {
        byte[] octets = answer.array();
        for (int end = HEAD_END.length; end <= answer.position(); end++) {
            if (Arrays.equals(octets, end - HEAD_END.length, end, HEAD_END, 0, HEAD_END.length)) {
                return end;
            }
        }
        return -1;
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
