package io.bactrian.support.database;

import io.bactrian.support.file.ProcessLock;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.AbstractDataSource;

/**
 * Connections to an H2 file that several processes of this machine share with AUTO_SERVER: one has it open and serves the others.
 *
 * <p>H2 by itself takes 4 s to take the file over from a process that was killed, and longer if several try: each waits until nobody has
 * touched the lock file, and they disturb each other. Here one process at a time opens the file, and the others wait for it. If the lock file
 * names a server that refuses connections, the process that wrote it serves nobody any more, and the lock file is deleted.
 * That cannot harm the data if the process lives all the same and is just closing the file: H2 also holds a lock of the operating system on
 * the data file, and refuses to open it (90020) until that is released.
 *
 * <p>Connections to a server are plain ones. Those of AUTO_SERVER would open the file anew by themselves when the server is gone, each for itself.
 * Any thread.
 */
final class SharedFile extends AbstractDataSource {
    private static final Logger LOG = LoggerFactory.getLogger(SharedFile.class);
    private static final int CONNECT_TIMEOUT_MS = 2_000;
    private static final long TURN_TIMEOUT_NS = TimeUnit.SECONDS.toNanos(15);
    private static final long TURN_POLL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    /** The options of a connection to a server; those of the database are set by the process that has it open. */
    private static final String REMOTE_OPTIONS = ";LOCK_TIMEOUT=10000";

    /** One opening at a time in this process; a lock on a file is one of the whole process. */
    private static final ReentrantLock OPENING = new ReentrantLock();

    /** By lock file, which lock this process has written. */
    private static final Map<Path, String> OWN = new ConcurrentHashMap<>();

    private final String url;
    private final String user;
    private final String password;
    private final Path lockFile;
    private final Path turnFile;
    private volatile int loginTimeoutS;

    /**
     * @param url opens the file with AUTO_SERVER
     * @param file the file without {@code .mv.db}
     */
    SharedFile(String url, Path file, String user, String password) {
        this.url = url;
        this.user = user;
        this.password = password;
        this.lockFile = file.resolveSibling(file.getFileName() + ".lock.db");
        this.turnFile = file.resolveSibling(file.getFileName() + ".open.lock");
    }

    /** Who has the file open, as the lock file says. */
    private record Server(String address, String id) {}

    private enum Reachability {
        ACCEPTS,
        REFUSES,
        SILENT
    }

    @Override
    public Connection getConnection() throws SQLException {
        Server server = server();
        if (server != null && isOwn(server)) {
            return embedded();
        }
        if (server != null && reach(server) == Reachability.ACCEPTS) {
            return remote(server);
        }
        return inTurn();
    }

    @Override
    public Connection getConnection(String otherUser, String otherPassword) throws SQLException {
        return new SharedFile(url, file(), otherUser, otherPassword).getConnection();
    }

    /** For the pool, which waits this long at its end for connections that are being opened. */
    @Override
    public int getLoginTimeout() {
        return loginTimeoutS;
    }

    @Override
    public void setLoginTimeout(int seconds) {
        loginTimeoutS = seconds;
    }

    private Path file() {
        String name = lockFile.getFileName().toString();
        return lockFile.resolveSibling(name.substring(0, name.length() - ".lock.db".length()));
    }

    private Connection inTurn() throws SQLException {
        long untilNs = System.nanoTime() + TURN_TIMEOUT_NS;
        if (!awaitTurnInProcess()) {
            throw busy();
        }
        try (ProcessLock turn = awaitTurn(untilNs)) {
            LOG.debug("opens in its turn file={} lock={}", lockFile, turn);
            return open();
        } catch (IOException | UncheckedIOException e) {
            throw new SQLTransientConnectionException(
                    "cannot take turns with other processes at " + turnFile + ": " + FileErrors.say(e), "08001", e);
        } finally {
            OPENING.unlock();
        }
    }

    private static boolean awaitTurnInProcess() {
        try {
            return OPENING.tryLock(TURN_TIMEOUT_NS, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private ProcessLock awaitTurn(long untilNs) throws IOException, SQLException {
        while (true) {
            try {
                return ProcessLock.take(turnFile);
            } catch (ProcessLock.LockedException e) {
                if (untilNs - System.nanoTime() < 0 || Thread.currentThread().isInterrupted()) {
                    throw busy();
                }
                LockSupport.parkNanos(TURN_POLL_NS);
            }
        }
    }

    private SQLException busy() {
        return new SQLTransientConnectionException(
                "another process has been opening the file of " + lockFile + " for too long; it may hang", "08001");
    }

    private Connection open() throws SQLException, IOException {
        Server server = server();
        if (server != null && !isOwn(server)) {
            switch (reach(server)) {
                case ACCEPTS -> {
                    return remote(server);
                }
                case REFUSES -> {
                    LOG.info("the process that served the database is gone, this one opens it file={}", lockFile);
                    Files.deleteIfExists(lockFile);
                }
                case SILENT ->
                    throw new SQLTransientConnectionException(
                            "the process that serves the database at " + server.address() + " does not answer",
                            "08001");
            }
        }
        Connection opened = embedded();
        Server now = server();
        if (now != null) {
            OWN.put(lockFile, now.id());
        }
        return opened;
    }

    private boolean isOwn(Server server) {
        return server.id().equals(OWN.get(lockFile));
    }

    private Connection embedded() throws SQLException {
        return DriverManager.getConnection(url, user, password);
    }

    private Connection remote(Server server) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:h2:tcp://" + server.address() + "/" + server.id() + REMOTE_OPTIONS, user, password);
    }

    /** What the lock file says, null if there is none or it names no server on this machine. */
    private @Nullable Server server() {
        Properties lock = new Properties();
        try (InputStream in = Files.newInputStream(lockFile)) {
            lock.load(in);
        } catch (IOException | IllegalArgumentException e) {
            return null;
        }
        String address = lock.getProperty("server", "");
        String id = lock.getProperty("id", "");
        return address.matches("[A-Za-z0-9.:\\[\\]-]{1,200}:\\d{1,5}") && id.matches("[0-9a-f]{1,100}")
                ? new Server(address, id)
                : null;
    }

    private static Reachability reach(Server server) {
        int colon = server.address().lastIndexOf(':');
        String host = server.address().substring(0, colon);
        int port = Integer.parseInt(server.address().substring(colon + 1));
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), CONNECT_TIMEOUT_MS);
            return Reachability.ACCEPTS;
        } catch (ConnectException e) {
            return Reachability.REFUSES;
        } catch (IOException | IllegalArgumentException e) {
            return Reachability.SILENT;
        }
    }
}
