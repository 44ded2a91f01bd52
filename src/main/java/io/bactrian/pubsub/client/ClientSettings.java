package io.bactrian.pubsub.client;

import io.bactrian.pubsub.store.CursorStore;
import io.bactrian.support.config.ZeroMqAddress;
import io.bactrian.support.service.ServiceDirectory;
import io.bactrian.zeromq.ZeroMqConfiguration;
import io.bactrian.zeromq.ZeroMqSecurity;
import io.bactrian.zeromq.socket.Security;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * How a client works. Made by {@link #builder}, which says what each setting means and what it is by default.
 *
 * <p>Immutable; any number of clients may be opened with it, but only one at a time with the same id.
 */
public final class ClientSettings {
    private static final Pattern WITH_PORTS = Pattern.compile("(.+):(\\d{1,5})/(\\d{1,5})");
    private static final Pattern SERVICE = Pattern.compile(ServiceDirectory.SCHEME + "[^/\\s]{1,128}");
    private static final String ADDRESSES =
            "tcp://HOST:PORT or ipc://PATH, or those of both hubs of a pair with a comma between them";
    private static final int FILE_NAME_MAX = 150;
    private static final int FILE_NAME_BEGINNING = 100;
    private static final int HASH_BYTES = 16;

    final String host;
    final int publishPort;
    final int subscribePort;
    final @Nullable String publishAddress;
    final @Nullable String subscribeAddress;
    final String id;
    final Path data;
    final @Nullable DataSource dataSource;
    final boolean ephemeral;
    final boolean outbox;
    final boolean stopAtRefusal;
    final long windowBytes;
    final int windowMessages;
    final int batchBytes;
    final Duration blockTime;
    final Duration closeTime;
    final Duration requestTime;
    final int receiveWindowBytes;
    final int sourcesMax;
    final Duration saveInterval;
    final Acknowledge acknowledge;
    final Consumer<Lost> lostListener;
    final @Nullable Transport transport;
    final @Nullable ServiceDirectory directory;
    final long outputLength;
    final boolean outputAppends;
    final Faults faults;
    final Security security;

    private ClientSettings(Builder from) {
        host = from.host;
        publishPort = from.publishPort;
        subscribePort = from.subscribePort;
        publishAddress = from.publishAddress;
        subscribeAddress = from.subscribeAddress;
        id = from.id;
        data = from.data;
        dataSource = from.dataSource;
        ephemeral = from.ephemeral;
        outbox = from.outbox;
        stopAtRefusal = from.stopAtRefusal;
        windowBytes = from.windowBytes;
        windowMessages = from.windowMessages;
        batchBytes = from.batchBytes;
        blockTime = from.blockTime;
        closeTime = from.closeTime;
        requestTime = from.requestTime;
        receiveWindowBytes = from.receiveWindowBytes;
        sourcesMax = from.sourcesMax;
        saveInterval = from.saveInterval;
        acknowledge = from.acknowledge;
        lostListener = from.lostListener;
        transport = from.transport;
        directory = from.directory;
        outputLength = from.outputLength;
        outputAppends = from.outputAppends;
        faults = from.faults;
        security = from.security;
        check();
    }

    private void check() {
        List<String> wrong = new ArrayList<>();
        int octets = id.getBytes(StandardCharsets.UTF_8).length;
        need(wrong, octets >= 1 && octets <= 255, "id", id, "1 to 255 octets");
        need(
                wrong,
                hubs().stream().allMatch(HubAddress::isGood),
                "host",
                host,
                "a name or an address, or those of both hubs of a pair with a comma between them, each with or without"
                        + " ports of its own, as 10.0.0.1:5570/5571, or registry:NAME");
        need(wrong, areAddresses(publishAddress), "publishAddress", publishAddress, ADDRESSES);
        need(wrong, areAddresses(subscribeAddress), "subscribeAddress", subscribeAddress, ADDRESSES);
        need(
                wrong,
                publishAddress == null
                        || subscribeAddress == null
                        || publishAddresses().size() == subscribeAddresses().size(),
                "subscribeAddress",
                subscribeAddress,
                "of as many hubs as publishAddress, in the same order");
        need(wrong, publishPort > 0 && publishPort < 65_536, "publishPort", publishPort, "1 to 65535");
        need(wrong, subscribePort > 0 && subscribePort < 65_536, "subscribePort", subscribePort, "1 to 65535");
        need(wrong, windowBytes >= 1024, "windowBytes", windowBytes, "at least 1024");
        need(wrong, windowMessages >= 1, "windowMessages", windowMessages, "at least 1");
        need(wrong, batchBytes >= 1024, "batchBytes", batchBytes, "at least 1024");
        need(wrong, receiveWindowBytes >= 1024, "receiveWindowBytes", receiveWindowBytes, "at least 1024");
        need(wrong, sourcesMax >= 1, "sourcesMax", sourcesMax, "at least 1");
        need(wrong, !blockTime.isNegative(), "blockTime", blockTime, "not negative");
        need(wrong, !closeTime.isNegative(), "closeTime", closeTime, "not negative");
        need(wrong, requestTime.toMillis() > 0, "requestTime", requestTime, "at least 1 ms");
        need(
                wrong,
                !ephemeral || acknowledge != Acknowledge.TRANSACTIONAL,
                "acknowledge",
                acknowledge,
                "another one for an ephemeral subscriber, which keeps no cursor");
        need(wrong, saveInterval.toMillis() > 0, "saveInterval", saveInterval, "at least 1 ms");
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("Client settings: " + String.join("; ", wrong));
        }
    }

    private static boolean areAddresses(@Nullable String addresses) {
        return addresses == null
                || split(addresses)
                        .allMatch(address -> ZeroMqAddress.isAddress(address)
                                && !address.startsWith("inproc:")
                                && !address.contains("*"));
    }

    private static Stream<String> split(String list) {
        return Stream.of(list.split(",", -1)).map(String::strip);
    }

    private static void need(List<String> wrong, boolean good, String name, @Nullable Object value, String right) {
        if (!good) {
            wrong.add(name + "=" + value + " must be " + right);
        }
    }

    /** Begins settings for the client with this id, which no other client of the hub may use at the same time. */
    public static Builder builder(String id) {
        return new Builder(id);
    }

    public String id() {
        return id;
    }

    /** The folder in which it keeps what lasts. */
    public Path data() {
        return data;
    }

    /** Where publishers connect to, one address for each hub. */
    List<String> publishAddresses() {
        if (publishAddress != null) {
            return split(publishAddress).toList();
        }
        return hubs().stream()
                .map(hub -> hub.address(hub.publishPort(), publishPort, "publish"))
                .toList();
    }

    /** Where subscribers connect to, one address for each hub. */
    List<String> subscribeAddresses() {
        if (subscribeAddress != null) {
            return split(subscribeAddress).toList();
        }
        return hubs().stream()
                .map(hub -> hub.address(hub.subscribePort(), subscribePort, "subscribe"))
                .toList();
    }

    /** A name or an address; an IPv6 address has two colons at least, and may stand in brackets. */
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9._-]+|\\[?[0-9A-Fa-f.]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(%[A-Za-z0-9._-]+)?]?");

    /** One of the hubs, with ports of its own, or without. */
    private record HubAddress(
            String host,
            @Nullable String publishPort,
            @Nullable String subscribePort) {
        static HubAddress of(String text) {
            Matcher withPorts = WITH_PORTS.matcher(text);
            return withPorts.matches()
                    ? new HubAddress(withPorts.group(1), withPorts.group(2), withPorts.group(3))
                    : new HubAddress(text, null, null);
        }

        String address(@Nullable String own, int common, String port) {
            if (isService()) {
                return host + "/" + port;
            }
            boolean bare = host.indexOf(':') >= 0 && !host.startsWith("[");
            return "tcp://" + (bare ? "[" + host + "]" : host) + ":" + (own == null ? common : Integer.parseInt(own));
        }

        private boolean isService() {
            return host.startsWith(ServiceDirectory.SCHEME);
        }

        boolean isGood() {
            if (isService()) {
                return SERVICE.matcher(host).matches() && publishPort == null;
            }
            return HOST.matcher(host).matches() && isPort(publishPort) && isPort(subscribePort);
        }

        private static boolean isPort(@Nullable String port) {
            return port == null || (Integer.parseInt(port) > 0 && Integer.parseInt(port) < 65_536);
        }
    }

    private List<HubAddress> hubs() {
        return split(host).map(HubAddress::of).toList();
    }

    /** Whether this data folder, or this data source, has a cursor of the id. */
    public boolean hasCursor() {
        if (dataSource == null) {
            return Files.exists(data.resolve("subscriber-" + fileName() + ".mv.db"));
        }
        return CursorStore.shared(dataSource).load(id).isPresent();
    }

    /**
     * The id as a file name: what is no letter, digit, dot or hyphen is written as its octets in hexadecimal. A long one
     * is its beginning and a hash, as file systems take no names above 255 octets.
     */
    String fileName() {
        String name = escaped();
        if (name.length() <= FILE_NAME_MAX) {
            return name;
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
            return name.substring(0, FILE_NAME_BEGINNING) + "_-"
                    + HexFormat.of().formatHex(hash, 0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private String escaped() {
        StringBuilder name = new StringBuilder();
        for (byte octet : id.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (octet & 0xFF);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || c == '-' || (c == '.' && name.length() > 0));
            name.append(plain ? String.valueOf(c) : String.format("_%02x", octet & 0xFF));
        }
        return name.toString();
    }

    /** Collects settings; not thread-safe. */
    public static final class Builder {
        private final String id;
        private String host = "127.0.0.1";
        private int publishPort = 5570;
        private int subscribePort = 5571;
        private @Nullable String publishAddress;
        private @Nullable String subscribeAddress;
        private Path data = Path.of("data", "client");
        private @Nullable DataSource dataSource;
        private boolean ephemeral;
        private boolean outbox;
        private boolean stopAtRefusal;
        private long windowBytes = 64L << 20;
        private int windowMessages = 1 << 20;
        private int batchBytes = 256 << 10;
        private Duration blockTime = Duration.ofSeconds(30);
        private Duration closeTime = Duration.ofSeconds(10);
        private Duration requestTime = Duration.ofSeconds(10);
        private int receiveWindowBytes = 16 << 20;
        private int sourcesMax = 10_000;
        private Duration saveInterval = Duration.ofMillis(100);
        private Acknowledge acknowledge = Acknowledge.AUTOMATIC;
        private long outputLength = -1;
        private boolean outputAppends;
        private Faults faults = Faults.NONE;
        private Security security = Security.none();
        private @Nullable Transport transport;
        private @Nullable ServiceDirectory directory;
        private Consumer<Lost> lostListener = lost -> LoggerFactory.getLogger(Subscriber.class)
                .warn(
                        "messages are gone for good subscriber={} from={} to={} cause={}",
                        lost.subscriber(),
                        lost.from(),
                        lost.to(),
                        lost.cause());

        private Builder(String id) {
            this.id = id;
        }

        /**
         * Where the hub is, a name or an address; 127.0.0.1 by default. For a pair of hubs both, with a comma between
         * them; the client then uses the one that is active. One that has other ports has them behind it, for publishers
         * and for subscribers: {@code 10.0.0.1:5570/5571}. Or {@code registry:NAME}, the name of a service: the client
         * follows it to wherever it is; see {@link #directory}.
         */
        public Builder host(String value) {
            host = value;
            return this;
        }

        /** Says where the service is that the host names, as {@code registry:NAME}; not used with a transport. */
        public Builder directory(@Nullable ServiceDirectory value) {
            directory = value;
            return this;
        }

        /**
         * Where the hub is, as ZeroMQ names it, such as {@code ipc:///run/hub/publish}; in place of host and ports. Of a
         * pair of hubs both, with a comma between them, in the same order.
         *
         * @param publish its address for publishers
         * @param subscribe its address for subscribers
         */
        public Builder addresses(String publish, String subscribe) {
            publishAddress = publish;
            subscribeAddress = subscribe;
            return this;
        }

        /** The hub's port for publishers; 5570 by default. */
        public Builder publishPort(int value) {
            publishPort = value;
            return this;
        }

        /** The hub's port for subscribers; 5571 by default. */
        public Builder subscribePort(int value) {
            subscribePort = value;
            return this;
        }

        /** The folder for the cursor's database and the outbox; {@code data/client} by default. */
        public Builder data(Path value) {
            data = value;
            return this;
        }

        /** The database that keeps the cursor; it stays the caller's. By default an H2 file in the data folder. */
        public Builder dataSource(@Nullable DataSource value) {
            dataSource = value;
            return this;
        }

        /**
         * Whether a subscriber leaves nothing behind, for looking on: it keeps no cursor, and the hub keeps nothing for it and
         * forgets it when it closes or is not heard any more. While it is there it goes on by itself where it was, also at the
         * other hub of a pair; what the hub has deleted meanwhile it is told as lost. Its messages say when the hub has
         * logged them. False by default.
         */
        public Builder ephemeral(boolean value) {
            ephemeral = value;
            return this;
        }

        /** Whether what is put is kept on disk until the hub has it, over a restart of the process; off by default. */
        public Builder outbox(boolean value) {
            outbox = value;
            return this;
        }

        /**
         * The first message that the hub refuses for good ends the publisher: nothing that was put after it to its topic is
         * accepted. False by default: what is behind it moves up. Not together with an outbox.
         */
        public Builder stopAtRefusal(boolean value) {
            stopAtRefusal = value;
            return this;
        }

        /** How many octets and messages may wait for the hub before put blocks; 64 MiB and 1,048,576 by default. */
        public Builder window(long bytes, int messages) {
            windowBytes = bytes;
            windowMessages = messages;
            return this;
        }

        /** Octets at which a batch is closed under load; 256 KiB by default. */
        public Builder batchBytes(int value) {
            batchBytes = value;
            return this;
        }

        /** How long put blocks when the window is full before it fails; 30 s by default. */
        public Builder blockTime(Duration value) {
            blockTime = value;
            return this;
        }

        /** How long close waits for what was put and is not accepted yet; 10 s by default. */
        public Builder closeTime(Duration value) {
            closeTime = value;
            return this;
        }

        /** How long subscribe and unsubscribe wait for the hub; 10 s by default. */
        public Builder requestTime(Duration value) {
            requestTime = value;
            return this;
        }

        /** Octets that may be under way to the subscriber or wait in it; 16 MiB by default. */
        public Builder receiveWindowBytes(int value) {
            receiveWindowBytes = value;
            return this;
        }

        /**
         * Of how many publishers' topics the last number is kept, by which a subscriber knows what is sent again to a
         * restored hub; 10,000 by default, each some 300 octets of memory and a row of the table. Those that have been
         * quiet longest are forgotten.
         */
        public Builder sourcesMax(int value) {
            sourcesMax = value;
            return this;
        }

        /** How far the saved cursor may lag behind what is processed; 100 ms by default. */
        public Builder saveInterval(Duration value) {
            saveInterval = value;
            return this;
        }

        /** How messages are acknowledged; automatically by default. */
        public Builder acknowledge(Acknowledge value) {
            acknowledge = value;
            return this;
        }

        /** The listener that is told of messages that are gone for good; by default a warning is logged. Must not block. */
        public Builder lostListener(Consumer<Lost> value) {
            lostListener = value;
            return this;
        }

        /**
         * Says that what is processed goes to a file, and how long that file is now: it is saved with the cursor, unless
         * a former life has saved a length. See {@link Subscriber#processed(Message, long)}.
         */
        public Builder outputLength(long value) {
            outputLength = value;
            return this;
        }

        /**
         * Whether a subscriber without a cursor may append to an output that has content; not by default, as what is in it
         * may come again.
         */
        public Builder outputAppends(boolean value) {
            outputAppends = value;
            return this;
        }

        /** How connections to the hub are secured; not at all by default. The hub must want the same. */
        public Builder security(Security value) {
            security = value;
            return this;
        }

        /**
         * Encrypts the connections with CURVE.
         *
         * @param keys the own secret certificate, as {@code bactrian keygen} writes it
         * @param hubKey the hub's public certificate
         * @throws IllegalArgumentException if one cannot be used
         */
        public Builder curve(Path keys, Path hubKey) {
            ZeroMqConfiguration options = new ZeroMqConfiguration();
            options.setSecurity(ZeroMqSecurity.curve);
            options.setCurveKeyFile(keys.toString());
            options.setCurveServerKeyFile(hubKey.toString());
            return security(options.clientSecurity());
        }

        /** Faults to be injected on purpose, for demonstrations and tests; none by default. */
        public Builder faults(Faults value) {
            faults = value;
            return this;
        }

        /** A transport to share with other clients, which stays the caller's; by default each has its own. */
        public Builder transport(@Nullable Transport value) {
            transport = value;
            return this;
        }

        /**
         * The settings.
         *
         * @throws IllegalArgumentException listing every one that is out of range
         */
        public ClientSettings build() {
            return new ClientSettings(this);
        }
    }
}
