package io.bactrian.support.context;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * A step that any thread may have done at once, but never two at a time: whoever asks while it is done has it done once more
 * after that, by the thread that does it. Thread-safe.
 */
public final class SerialStep implements Runnable {
    private final Runnable step;
    private final AtomicInteger asked = new AtomicInteger();

    public SerialStep(Runnable step) {
        this.step = step;
    }

    /** On return the step was done, or another thread does it soon; throws what the step throws. */
    @Override
    public void run() {
        if (asked.getAndIncrement() > 0) {
            return;
        }
        int done;
        do {
            done = asked.get();
            boolean whole = false;
            try {
                step.run();
                whole = true;
            } finally {
                if (!whole) {
                    asked.set(0); // the next who asks begins anew
                }
            }
        } while (!asked.compareAndSet(done, 0));
    }
}
