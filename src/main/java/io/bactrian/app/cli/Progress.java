package io.bactrian.app.cli;

import io.bactrian.app.Terminal;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar on standard error, or nothing where nobody sees it. One thread. */
public final class Progress implements AutoCloseable {
    private final @Nullable ProgressBar bar;

    private Progress(@Nullable ProgressBar bar) {
        this.bar = bar;
    }

    /**
     * Shows a bar if that is wanted and somebody sits before it.
     *
     * @param total octets to be read, -1 if nobody knows
     */
    static Progress of(boolean wanted, long total) {
        return new Progress(
                wanted && Terminal.stderrIsTerminal()
                        ? new ProgressBarBuilder()
                                .setTaskName("put")
                                .setInitialMax(total)
                                .setUnit("KiB", 1024)
                                .setStyle(ProgressBarStyle.ASCII)
                                .build()
                        : null);
    }

    /** Shows how far shipping is, if somebody sits before it. */
    static Progress ofShipping(boolean wanted) {
        return new Progress(
                wanted && Terminal.stderrIsTerminal()
                        ? new ProgressBarBuilder()
                                .setTaskName("ship")
                                .setInitialMax(0)
                                .setUnit("KiB", 1024)
                                .setStyle(ProgressBarStyle.ASCII)
                                .build()
                        : null);
    }

    /** Shows how much of so many octets is done, if somebody sits before it. */
    public static Progress ofTask(String task, boolean wanted, long octets) {
        return new Progress(
                wanted && Terminal.stderrIsTerminal()
                        ? new ProgressBarBuilder()
                                .setTaskName(task)
                                .setInitialMax(octets)
                                .setUnit("KiB", 1024)
                                .setStyle(ProgressBarStyle.ASCII)
                                .build()
                        : null);
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
        if (bar != null) {
            bar.close();
        }
    }
}
