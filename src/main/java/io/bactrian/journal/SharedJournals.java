package io.bactrian.journal;

import io.bactrian.journal.log.Journal;
import io.bactrian.support.thread.NamedThreads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** The journals of one component: one open journal for a name, shared by all that hold it. Thread-safe. */
final class SharedJournals {
    private final Map<String, Shared> all = new TreeMap<>();
    private final BiConsumer<String, Journal> opened;
    private final BiConsumer<String, Journal> closing;

    private static final class Shared {
        private final JournalConfiguration options = new JournalConfiguration();
        private final Set<Object> holders = new HashSet<>();
        private final Set<String> consumers = new HashSet<>();
        private @Nullable Journal journal;
    }

    SharedJournals(BiConsumer<String, Journal> opened, BiConsumer<String, Journal> closing) {
        this.opened = opened;
        this.closing = closing;
    }

    /** Adds what an endpoint gives; throws if it differs from what another gave, or what the open journal has. */
    synchronized void declare(String name, JournalConfiguration given) {
        Shared shared = shared(name);
        List<String> conflicts = new ArrayList<>();
        Map<String, Object> there = shared.options.given();
        given.given().forEach((key, value) -> {
            Object former = there.get(key);
            if (former != null && !former.equals(value)) {
                conflicts.add(key + "=" + value + " and " + key + "=" + former);
            } else if (former == null && shared.journal != null) {
                conflicts.add(key + "=" + value + ", but the journal is open without it");
            }
        });
        if (!conflicts.isEmpty()) {
            throw new IllegalArgumentException("Endpoints of journal:" + name + " share one journal and must agree: "
                    + String.join("; ", conflicts));
        }
        shared.options.complete(given);
        shared.options.settings(); // so that a wrong value is told where it was given
    }

    /** The open journal, opened if need be; it stays open until every holder has released it. */
    synchronized Journal acquire(String name, Object holder, Path root, NamedThreads threads) {
        Shared shared = shared(name);
        Journal journal = shared.journal;
        if (journal == null) {
            String folder = shared.options.getFolder();
            Path path = folder == null ? root.resolve(name) : Path.of(folder);
            journal = Journal.open(path, shared.options.settings(), threads);
            shared.journal = journal;
            opened.accept(name, journal);
        }
        shared.holders.add(holder);
        return journal;
    }

    synchronized void release(String name, Object holder) {
        Shared shared = shared(name);
        Journal journal = shared.journal;
        if (shared.holders.remove(holder) && shared.holders.isEmpty() && journal != null) {
            shared.journal = null;
            closing.accept(name, journal);
            journal.close();
        }
    }

    synchronized void releaseAll(Object holder) {
        List.copyOf(all.keySet()).forEach(name -> release(name, holder));
    }

    /** A cursor has one consumer at a time. */
    synchronized void claimCursor(String name, String cursor) {
        if (!shared(name).consumers.add(cursor)) {
            throw new IllegalArgumentException(
                    "journal:" + name + " has a consumer with cursor=" + cursor + " already: give each its own");
        }
    }

    synchronized void freeCursor(String name, String cursor) {
        shared(name).consumers.remove(cursor);
    }

    /** The open journals, by name. */
    synchronized Map<String, Journal> open() {
        Map<String, Journal> open = new TreeMap<>();
        all.forEach((name, shared) -> {
            if (shared.journal != null) {
                open.put(name, shared.journal);
            }
        });
        return open;
    }

    private Shared shared(String name) {
        return all.computeIfAbsent(name, key -> new Shared());
    }
}
