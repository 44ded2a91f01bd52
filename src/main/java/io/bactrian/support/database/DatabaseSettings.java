package io.bactrian.support.database;

import io.bactrian.support.text.Secrets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a database is and who opens it.
 *
 * @param url a JDBC URL of H2 or PostgreSQL
 * @param user the database user
 * @param password the user's password, empty if there is none; never logged
 * @param connectionsMax how many connections the pool opens at most, from 1 on
 */
public record DatabaseSettings(String url, String user, String password, int connectionsMax) {
    /** Enough for the writer, the readers of status pages and the routes of one process. */
    public static final int CONNECTIONS_MAX = 8;

    private static final String FILE = "jdbc:h2:async:";
    private static final String AUTO_SERVER = ";AUTO_SERVER=TRUE";

    public DatabaseSettings {
        if (!url.startsWith("jdbc:")) {
            throw new IllegalArgumentException(
                    "A database URL begins with jdbc:, this one does not: " + Secrets.hide(url));
        }
        if (connectionsMax < 1) {
            throw new IllegalArgumentException("A pool needs at least 1 connection, not " + connectionsMax);
        }
    }

    /**
     * The shipped default: an H2 file in the data folder.
     *
     * <p>{@code async:} is H2's asynchronous file: with its usual one, a thread that is interrupted while it reads or
     * syncs closes the file for good, and no connection works any more. {@code WRITE_DELAY=0} writes a commit to the
     * file at once; otherwise a commit waits in memory for half a second, and kill -9 loses it.
     * {@code DB_CLOSE_ON_EXIT=FALSE}, because H2's own shutdown hook would close the database under a hub that is
     * still draining. {@code CACHE_SIZE} (KiB) bounds what H2 otherwise takes as a share of the machine's memory.
     * {@code LOCK_TIMEOUT} (ms) lets a writer wait for a longer transaction. The retention time stays at H2's default.
     *
     * @param folder the data folder
     * @param name the file's name without {@code .mv.db}, such as {@code hub}
     * @throws IllegalArgumentException if the path holds a semicolon, which begins a setting in H2's URL
     */
    public static DatabaseSettings file(Path folder, String name) {
        String file = path(folder, name);
        return new DatabaseSettings(
                FILE + file
                        + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE;CACHE_SIZE=16384;LOCK_TIMEOUT=10000;TRACE_LEVEL_FILE=0",
                "sa",
                "",
                CONNECTIONS_MAX);
    }

    /**
     * An H2 file in a folder that several processes of this machine share: the first one that opens it serves the others over
     * loopback, and when it ends or is killed the next one does. Each process must close it before it exits, because H2's own shutdown hook
     * cannot be switched off with this.
     *
     * @param folder the folder, the same for all processes
     * @param name the file's name without {@code .mv.db}
     * @throws IllegalArgumentException if the path holds a semicolon, which begins a setting in H2's URL
     */
    public static DatabaseSettings shared(Path folder, String name) {
        String file = path(folder, name);
        return new DatabaseSettings(
                FILE + file + AUTO_SERVER + ";WRITE_DELAY=0;CACHE_SIZE=16384;LOCK_TIMEOUT=10000;TRACE_LEVEL_FILE=0",
                "sa",
                "",
                CONNECTIONS_MAX);
    }

    private static String path(Path folder, String name) {
        String file = folder.toAbsolutePath().resolve(name).toString();
        if (file.indexOf(';') >= 0) {
            throw new IllegalArgumentException(
                    "H2 cannot open a file with a semicolon in its path, choose another data folder: " + file);
        }
        return file;
    }

    /** The file of {@link #shared}, without {@code .mv.db}; empty if the database is not such a file. */
    Optional<Path> sharedFile() {
        int options = url.indexOf(AUTO_SERVER);
        return url.startsWith(FILE) && options > 0
                ? Optional.of(Path.of(url.substring(FILE.length(), options)))
                : Optional.empty();
    }

    /** The file of {@link #file} and {@link #shared} as it lies in its folder; empty if the database is not such a file. */
    Optional<Path> dataFile() {
        int options = url.indexOf(';');
        return url.startsWith(FILE) && options > 0
                ? Optional.of(Path.of(url.substring(FILE.length(), options) + ".mv.db"))
                : Optional.empty();
    }

    /** Whether it is H2, which is no server of its own in what is shipped. */
    public boolean isH2() {
        return url.startsWith("jdbc:h2:");
    }

    /** The database as a person knows it: its file, or else its URL without a password. */
    public String shown() {
        return dataFile().map(Path::toString).orElseGet(() -> Secrets.hide(url));
    }

    @Override
    public String toString() {
        return "DatabaseSettings[url=" + Secrets.hide(url) + ", user=" + user + ", connectionsMax=" + connectionsMax
                + "]";
    }
}
