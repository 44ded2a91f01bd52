package io.bactrian.app.cli;

import io.bactrian.support.database.PrivateFolder;
import io.bactrian.support.file.ProcessLock;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * An id for a publisher that nobody has named: the lowest one of this data folder that no running command has. So a
 * script that puts a million times is not a million publishers to the hub.
 */
final class PublisherSlot implements AutoCloseable {
    private static final int SLOTS_MAX = 10_000;

    private final String id;
    private final ProcessLock lock;

    private PublisherSlot(String id, ProcessLock lock) {
        this.id = id;
        this.lock = lock;
    }

    /** Takes a slot until the close or the end of the process. */
    static PublisherSlot take(Path folder) throws IOException {
        Path slots = folder.resolve("put");
        PrivateFolder.create(slots);
        for (int slot = 0; slot < SLOTS_MAX; slot++) {
            try {
                ProcessLock lock = ProcessLock.take(slots.resolve(String.valueOf(slot)));
                return new PublisherSlot("put-" + name(slots) + "-" + slot, lock);
            } catch (ProcessLock.LockedException e) {
                // Another command has it: the next one may be free.
            }
        }
        throw new IOException("more than " + SLOTS_MAX + " commands put from " + folder + " at once");
    }

    /** Tells this data folder from those of other machines and users. */
    private static String name(Path slots) throws IOException {
        Path file = slots.resolve("name");
        if (!Files.exists(file)) {
            Path made = Files.createTempFile(slots, "name", "");
            Files.writeString(made, UUID.randomUUID().toString());
            try {
                Files.createLink(file, made);
            } catch (FileAlreadyExistsException e) {
                // Another command was faster: its name counts.
                return Files.readString(file);
            } finally {
                Files.delete(made);
            }
        }
        return Files.readString(file);
    }

    String id() {
        return id;
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
