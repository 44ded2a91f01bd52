package io.bactrian.app.cli;

import io.bactrian.app.Terminal;
import java.util.concurrent.atomic.AtomicBoolean;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on standard error, or nothing where nobody sees it. One thread; {@link #close} any. */
public final class Progress implements AutoCloseable {
    private static final int WIDTH = 80;

    private final @Nullable ProgressBar bar;
    private final AtomicBoolean ended = new AtomicBoolean();

    private Progress(String task, boolean wanted, long octets) {
        if (!wanted || !Terminal.stderrIsTerminal()) {
            bar = null;
            return;
        }
        bar = new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(octets)
                .setUnit("KiB", 1024)
                .setStyle(ProgressBarStyle.ASCII)
                // With a width of our own: to ask for it takes a terminal of JLine, which would take Ctrl-C from Java.
                .setConsumer(new ConsoleProgressBarConsumer(System.err, width(System.getenv("COLUMNS"))))
                .build();
        // After Ctrl-C whatever comes next is to begin on a line of its own.
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "bactrian-progress"));
    }

    /** Without the last column, where some terminals begin a new line. */
    static int width(@Nullable String columns) {
        boolean known = columns != null && columns.matches("[1-9]\\d{0,3}");
        return Math.max(1, (known ? Integer.parseInt(columns) : WIDTH) - 1);
    }

    /**
     * Shows a bar if that is wanted and somebody sits before it.
     *
     * @param total octets to be read, -1 if nobody knows
     */
    static Progress of(boolean wanted, long total) {
        return new Progress("put", wanted, total);
    }

    /** Shows how far shipping is, if somebody sits before it. */
    static Progress ofShipping(boolean wanted) {
        return new Progress("ship", wanted, 0);
    }

    /** Shows how much of so many octets is done, if somebody sits before it. */
    public static Progress ofTask(String task, boolean wanted, long octets) {
        return new Progress(task, wanted, octets);
    }

    /** So many octets more are done. */
    public void done(long octets) {
        if (bar != null) {
            bar.stepBy(octets);
        }
    }

    /** So much of so much is told to the receiver. */
    void shipped(long octets, long of, long sentOctets) {
        if (bar != null) {
            bar.maxHint(of);
            bar.stepTo(octets);
            bar.setExtraMessage(sentOctets / 1024 + " KiB sent");
        }
    }

    void read(long octets, long messagesAccepted) {
        if (bar != null) {
            bar.stepBy(octets);
            accepted(messagesAccepted);
        }
    }

    void accepted(long messages) {
        if (bar != null) {
            bar.setExtraMessage(messages + " accepted");
        }
    }

    @Override
    public void close() {
        if (bar != null && ended.compareAndSet(false, true)) {
            bar.close();
        }
    }
}
