package io.bactrian.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.journal.log.Journal;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.JournalSettings;
import io.bactrian.journal.log.NewEntry;
import java.nio.file.Path;
import java.util.List;

/**
 * A process of its own that appends from two threads until it is killed, and prints {@code <position> <text>} for each
 * append that has returned. It prints {@code refused <message>} and ends if it cannot open the journal.
 */
final class JournalWriterProcess {
    private JournalWriterProcess() {}

    public static void main(String[] args) throws InterruptedException {
        JournalSettings settings =
                JournalSettings.builder().segmentBytes(256 * 1024).build();
        Journal journal;
        try {
            journal = Journal.open(Path.of(args[0]), settings);
        } catch (JournalException e) {
            System.out.println("refused " + e.getMessage());
            return;
        }
        System.out.println("open " + journal.end());
        Thread other = new Thread(() -> append(journal, args[1] + "b"));
        other.start();
        append(journal, args[1] + "a");
        other.join();
    }

    private static void append(Journal journal, String name) {
        for (int i = 0; true; i++) {
            String text = name + "-" + i;
            byte[] payload = (text + " " + "p".repeat(i * 37 % 3000)).getBytes(UTF_8);
            long position = journal.append(List.of(new NewEntry(2, payload), new NewEntry(1, payload)));
            System.out.println(position + " " + text);
        }
    }
}
