package io.bactrian.support.config;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How an address of a socket is written: {@code tcp://HOST:PORT}, {@code ipc://PATH} or {@code inproc://NAME}. */
public final class ZeroMqAddress {
    /** The description of an address in an error. */
    public static final String NOUN = "a ZeroMQ address such as tcp://127.0.0.1:5570 or ipc:///tmp/hub";

    private static final Pattern TCP =
            Pattern.compile("tcp://([A-Za-z0-9._-]+|\\*|\\[[0-9A-Fa-f:.]+(?:%\\w+)?]):(\\*|\\d{1,5})");
    private static final Pattern LOCAL = Pattern.compile("(ipc|inproc)://\\S+");

    private ZeroMqAddress() {}

    /** True if the text is an address; {@code *} stands for all interfaces and for any free port. */
    public static boolean isAddress(String text) {
        Matcher tcp = TCP.matcher(text);
        return tcp.matches()
                ? tcp.group(2).equals("*") || Integer.parseInt(tcp.group(2)) <= SettingsReader.PORT_MAX
                : LOCAL.matcher(text).matches();
    }

    /** Host and port of a tcp address; empty if the text is none, or names no port. */
    public static Optional<Tcp> tcp(String text) {
        Matcher tcp = TCP.matcher(text);
        return isAddress(text) && tcp.matches() && !tcp.group(2).equals("*")
                ? Optional.of(new Tcp(tcp.group(1), Integer.parseInt(tcp.group(2))))
                : Optional.empty();
    }

    /** Host and port of a {@code HOST:PORT}, such as that of a management server; empty if the text is none. */
    public static Optional<Tcp> hostAndPort(String text) {
        return tcp("tcp://" + text);
    }

    /**
     * Where a tcp address leads.
     *
     * @param host may be {@code *}; an IPv6 address is in brackets
     */
    public record Tcp(String host, int port) {}
}
