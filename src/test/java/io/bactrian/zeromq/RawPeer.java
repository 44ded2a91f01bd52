package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;

/** Speaks ZMTP octet by octet, and therefore anything else, too. Source: RFC 23/ZMTP. */
final class RawPeer implements AutoCloseable {
    static final int MORE = 1;
    static final int LARGE = 2;
    static final int COMMAND = 4;

    private final Socket socket;

    private RawPeer(Socket socket) {
        this.socket = socket;
    }

    static RawPeer connect(String address) throws IOException {
        return connect(address, 0);
    }

    /** @param receiveBuffer octets that the system keeps for this peer, 0 for its own choice */
    static RawPeer connect(String address, int receiveBuffer) throws IOException {
        if (address.startsWith("ipc://")) {
            return new RawPeer(new UnixSocket(address.substring("ipc://".length())));
        }
        URI uri = URI.create(address);
        Socket socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), 10_000);
        socket.setTcpNoDelay(true);
        return new RawPeer(socket);
    }

    static RawPeer of(Socket socket) {
        return new RawPeer(socket);
    }

    /** A peer whose handshake is done. */
    static RawPeer handshaken(String address, String type) throws IOException {
        return handshaken(address, type, "");
    }

    /** @param receiveBuffer octets that the system keeps for this peer */
    static RawPeer handshaken(String address, String type, int receiveBuffer) throws IOException {
        return connect(address, receiveBuffer).greet().ready(type, "").awaitReady();
    }

    static RawPeer handshaken(String address, String type, String identity) throws IOException {
        return connect(address).greet().ready(type, identity).awaitReady();
    }

    RawPeer write(byte[] octets) throws IOException {
        socket.getOutputStream().write(octets);
        return this;
    }

    /** The greeting of ZMTP 3.0 with the NULL mechanism. */
    RawPeer greet() throws IOException {
        return greet("NULL");
    }

    RawPeer greet(String mechanism) throws IOException {
        byte[] greeting = new byte[64];
        greeting[0] = (byte) 0xFF;
        greeting[9] = 0x7F;
        greeting[10] = 3;
        System.arraycopy(mechanism.getBytes(ISO_8859_1), 0, greeting, 12, mechanism.length());
        return write(greeting);
    }

    RawPeer ready(String type, String identity) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(body);
        out.write("\5READY".getBytes(ISO_8859_1));
        property(out, "Socket-Type", type);
        property(out, "Identity", identity);
        return frame(COMMAND, body.toByteArray());
    }

    /** A READY command that also says from which address it comes, which is not for the peer to say. */
    RawPeer readyFrom(String type, String address) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(body);
        out.write("\5READY".getBytes(ISO_8859_1));
        property(out, "Socket-Type", type);
        property(out, "Peer-Address", address);
        return frame(COMMAND, body.toByteArray()).awaitReady();
    }

    /** A READY command that says nothing. */
    RawPeer readyWithoutProperties() throws IOException {
        return frame(COMMAND, "\5READY").awaitReady();
    }

    /** Reads the greeting and the READY command of the other side: JeroMQ takes no message before it has sent that. */
    private RawPeer awaitReady() throws IOException {
        readGreeting().readFrame();
        return this;
    }

    RawPeer readGreeting() throws IOException {
        socket.setSoTimeout(60_000);
        new DataInputStream(socket.getInputStream()).readFully(new byte[64]);
        return this;
    }

    /** Reads a frame or command, without its flags. */
    byte[] readFrame() throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        int flags = in.readUnsignedByte();
        byte[] body = new byte[(flags & LARGE) == 0 ? in.readUnsignedByte() : (int) in.readLong()];
        in.readFully(body);
        return body;
    }

    /** The local end of the connection, as a ZeroMQ peer writes it. */
    String localAddress() {
        return socket.getLocalAddress().getHostAddress() + ":" + socket.getLocalPort();
    }

    private static void property(DataOutputStream out, String name, String value) throws IOException {
        out.writeByte(name.length());
        out.write(name.getBytes(ISO_8859_1));
        out.writeInt(value.length());
        out.write(value.getBytes(ISO_8859_1));
    }

    RawPeer frame(int flags, byte[] body) throws IOException {
        write(header(flags, body.length));
        return write(body);
    }

    RawPeer frame(int flags, String body) throws IOException {
        return frame(flags, body.getBytes(ISO_8859_1));
    }

    static byte[] header(int flags, long size) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        if (size < 256) {
            out.writeByte(flags);
            out.writeByte((int) size);
        } else {
            out.writeByte(flags | LARGE);
            out.writeLong(size);
        }
        return bytes.toByteArray();
    }

    /** Reads until the text comes; false if the connection ends or nothing comes for 30 s. */
    boolean reads(String text) throws IOException {
        return readAll(text).contains(text);
    }

    /** What comes until the text does, the connection ends, or nothing comes for 30 s. */
    String readAll(String text) throws IOException {
        socket.setSoTimeout(60_000);
        StringBuilder seen = new StringBuilder();
        byte[] buffer = new byte[8_192];
        InputStream in = socket.getInputStream();
        int count = read(in, buffer);
        while (count >= 0) {
            seen.append(new String(buffer, 0, count, ISO_8859_1));
            if (seen.indexOf(text) >= 0) {
                return seen.toString();
            }
            count = read(in, buffer);
        }
        return seen.toString();
    }

    /** Whether something has come after the handshake. */
    boolean isReadable() throws IOException {
        return socket.getInputStream().available() > 0;
    }

    /** Reads and forgets until the other side ends the connection; false if it does not for 10 s. */
    boolean isEnded() throws IOException {
        socket.setSoTimeout(60_000);
        byte[] buffer = new byte[8_192];
        try {
            int count = socket.getInputStream().read(buffer);
            while (count >= 0) {
                count = socket.getInputStream().read(buffer);
            }
            return true;
        } catch (SocketException e) {
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        }
    }

    /** Whether the other side has not ended the connection. */
    boolean isOpen() throws IOException {
        socket.setSoTimeout(1);
        byte[] buffer = new byte[8_192];
        try {
            int count = socket.getInputStream().read(buffer);
            while (count >= 0) {
                count = socket.getInputStream().read(buffer);
            }
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        } catch (SocketException e) {
            return false;
        }
    }

    private static int read(InputStream in, byte[] buffer) throws IOException {
        try {
            return in.read(buffer);
        } catch (SocketTimeoutException | SocketException e) {
            return -1;
        }
    }

    /** Ends the connection with a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
