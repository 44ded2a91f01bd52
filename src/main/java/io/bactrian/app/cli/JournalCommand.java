package io.bactrian.app.cli;

import io.bactrian.app.BactrianCommand;
import io.bactrian.journal.log.Entry;
import io.bactrian.journal.log.JournalDamagedException;
import io.bactrian.journal.log.JournalException;
import io.bactrian.journal.log.JournalFolder;
import io.bactrian.journal.log.SegmentInfo;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.apache.camel.util.json.JsonObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code bactrian journal list|cat|verify <folder>}: looks at a journal, also while its writer runs, and changes nothing. {@code
 * repair} is {@link JournalRepairCommand}.
 *
 * <p>Exit codes: 0 all is well, 1 damage was found, 2 wrong usage or no journal there.
 */
@Command(
        name = "journal",
        mixinStandardHelpOptions = true,
        description = "Looks at the folder of a journal, also while its writer runs, or repairs it.",
        subcommands = {
            JournalCommand.ListSegments.class,
            JournalCommand.Cat.class,
            JournalCommand.Verify.class,
            JournalRepairCommand.class
        })
public final class JournalCommand implements Runnable {
    static final int GOOD = 0;
    static final int DAMAGED = 1;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw BactrianCommand.missing(spec);
    }

    /** What the three have in common. */
    abstract static class OnFolder implements Callable<Integer> {
        @Spec
        CommandSpec spec = CommandSpec.create();

        @Parameters(paramLabel = "FOLDER", description = "Folder of the journal, such as data/journal/hub.")
        Path folder = Path.of(".");

        @Option(names = "--json", description = "Print JSON, an object on a line.")
        boolean json;

        PrintWriter out() {
            return spec.commandLine().getOut();
        }

        PrintWriter err() {
            return spec.commandLine().getErr();
        }

        abstract int on(PrintWriter out);

        final void sayNext() {
            err().println("next: 'bactrian journal repair " + folder
                    + "' shows what can be saved; or restore a backup");
        }

        @Override
        public Integer call() {
            try {
                return on(out());
            } catch (JournalDamagedException e) {
                err().println("damaged: " + e.getMessage());
                sayNext();
                return DAMAGED;
            } catch (JournalException e) {
                throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
            } finally {
                out().flush();
                err().flush();
            }
        }

        static void line(PrintWriter out, Map<String, Object> values) {
            out.println(new JsonObject(values).toJson());
        }

        static String time(long timestampMs) {
            return timestampMs == 0 ? "-" : Instant.ofEpochMilli(timestampMs).toString();
        }
    }

    /** Segments and cursors. */
    @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists segments and cursors.")
    static final class ListSegments extends OnFolder {
        @Override
        int on(PrintWriter out) {
            JournalFolder found = JournalFolder.look(folder);
            if (json) {
                line(out, describe(found));
            } else {
                print(found, out);
            }
            found.damage().forEach(damage -> err().println("damaged: " + damage.getMessage()));
            return found.damage().isEmpty() ? GOOD : DAMAGED;
        }

        private static void print(JournalFolder found, PrintWriter out) {
            out.printf("positions %d to %d, epoch %d%n", found.first(), found.end(), found.epoch());
            out.printf(
                    "%-28s %6s %12s %12s %12s %-7s %s%n",
                    "segment", "epoch", "first", "last", "bytes", "state", "newest");
            for (SegmentInfo segment : found.segments()) {
                out.printf(
                        "%-28s %6d %12d %12d %12d %-7s %s%n",
                        segment.file(),
                        segment.epoch(),
                        segment.firstPosition(),
                        segment.lastPosition(),
                        segment.bytes(),
                        segment.closed() ? "closed" : "open",
                        time(segment.lastTimestampMs()));
            }
            new TreeMap<>(found.cursors())
                    .forEach((name, position) ->
                            out.printf("cursor %s at %d, %d behind%n", name, position, found.end() - position));
        }

        private static Map<String, Object> describe(JournalFolder found) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("first", found.first());
            all.put("end", found.end());
            all.put("epoch", found.epoch());
            all.put(
                    "segments",
                    found.segments().stream().map(ListSegments::describe).toList());
            all.put("cursors", new TreeMap<>(found.cursors()));
            all.put("damage", messages(found.damage()));
            return all;
        }

        private static Map<String, Object> describe(SegmentInfo segment) {
            Map<String, Object> values = new LinkedHashMap<>();
            values.put("file", segment.file());
            values.put("epoch", segment.epoch());
            values.put("firstPosition", segment.firstPosition());
            values.put("lastPosition", segment.lastPosition());
            values.put("bytes", segment.bytes());
            values.put("firstTimestampMs", segment.firstTimestampMs());
            values.put("lastTimestampMs", segment.lastTimestampMs());
            values.put("closed", segment.closed());
            return values;
        }
    }

    private static List<String> messages(List<JournalDamagedException> damage) {
        return damage.stream().map(one -> String.valueOf(one.getMessage())).toList();
    }

    /** Entries. */
    @Command(name = "cat", mixinStandardHelpOptions = true, description = "Prints entries, the oldest first.")
    static final class Cat extends OnFolder {
        private static final int PREVIEW_CHARS = 100;

        @Option(names = "--from", defaultValue = "1", description = "Position to begin at (default: the oldest).")
        long from;

        @Option(names = "--count", defaultValue = "9223372036854775807", description = "Entries to print at most.")
        long count;

        private long printed;

        @Override
        int on(PrintWriter out) {
            if (from < 1 || count < 0) {
                throw new ParameterException(spec.commandLine(), "--from must be at least 1 and --count at least 0");
            }
            JournalFolder.look(folder).read(from, entry -> {
                if (printed == count) {
                    return false;
                }
                printed++;
                print(entry, out);
                return !out.checkError();
            });
            return GOOD;
        }

        private void print(Entry entry, PrintWriter out) {
            if (json) {
                Map<String, Object> values = new LinkedHashMap<>();
                values.put("position", entry.position());
                values.put("count", entry.count());
                values.put("epoch", entry.epoch());
                values.put("timestampMs", Math.abs(entry.timestampMs()));
                if (entry.isGap()) {
                    values.put("lost", true);
                }
                values.put("payload", Base64.getEncoder().encodeToString(entry.payload()));
                line(out, values);
                return;
            }
            if (entry.isGap()) {
                out.printf("%d count=%d epoch=%d lost%n", entry.position(), entry.count(), entry.epoch());
                return;
            }
            out.printf(
                    "%d count=%d epoch=%d %s bytes=%d %s%n",
                    entry.position(),
                    entry.count(),
                    entry.epoch(),
                    time(entry.timestampMs()),
                    entry.payload().length,
                    preview(entry.payload()));
        }

        private static String preview(byte[] payload) {
            int length = Math.min(payload.length, PREVIEW_CHARS);
            String text = new String(payload, 0, length, StandardCharsets.UTF_8).replaceAll("[^\\p{Print}\\p{L}]", ".");
            return length < payload.length ? text + "..." : text;
        }
    }

    /** Checks. */
    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description = "Reads every entry and checks it; exits with 1 if anything is damaged or missing.")
    static final class Verify extends OnFolder {
        @Override
        int on(PrintWriter out) {
            JournalFolder found = JournalFolder.verify(folder);
            List<JournalDamagedException> damage = found.damage();
            if (json) {
                Map<String, Object> all = new LinkedHashMap<>();
                all.put("good", damage.isEmpty());
                all.put("first", found.first());
                all.put("end", found.end());
                all.put("segments", found.segments().size());
                all.put("unfinishedBytes", found.unfinishedBytes());
                all.put("damage", messages(damage));
                line(out, all);
            } else if (damage.isEmpty()) {
                out.printf(
                        "good: positions %d to %d in %d segments%n",
                        found.first(), found.end(), found.segments().size());
                if (found.unfinishedBytes() > 0) {
                    out.printf(
                            "%d bytes at the end are unfinished: a writer is at work, or a crash has left them; they are"
                                    + " cut when the journal is opened%n",
                            found.unfinishedBytes());
                }
            } else {
                damage.forEach(one -> out.println("damaged: " + one.getMessage()));
            }
            if (!damage.isEmpty()) {
                sayNext();
            }
            return damage.isEmpty() ? GOOD : DAMAGED;
        }
    }
}
