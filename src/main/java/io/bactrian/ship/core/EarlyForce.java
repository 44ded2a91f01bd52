package io.bactrian.ship.core;

import java.io.IOException;
import java.nio.channels.FileChannel;

/**
 * Forces what was written of a large file while more of it comes, so that there is little to wait for at its end. The
 * receiver forces the file itself all the same.
 */
public interface EarlyForce {
    /** Does nothing early. */
    EarlyForce NONE = file -> Forcing.ENDED;

    /** Begins to force a file, on another thread; it may be closed before that ends. */
    Forcing begin(FileChannel file);

    /** What was begun. */
    interface Forcing {
        /** Nothing is under way. */
        Forcing ENDED = new Forcing() {
            @Override
            public boolean ended() {
                return true;
            }

            @Override
            public void await() {}
        };

        /** Whether {@link #await} would return at once. */
        boolean ended();

        /**
         * Waits for its end.
         *
         * @throws IOException if the disk failed; it may tell that once only, so this has to be asked
         */
        void await() throws IOException;
    }
}
