package io.bactrian.testing;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/**
 * What a test needs of the machine. A test whose tool is absent is skipped with one line that names the package; with
 * {@code -Dbactrian.test.require=all}, as in continuous integration, it fails instead.
 */
public final class Required {
    private Required() {}

    /**
     * Ends the test as skipped or failed.
     *
     * @param missing what is missing and how to get it, such as {@code "python3-zmq: apt-get install python3-zmq"}
     */
    public static void missing(String missing) {
        if ("all".equals(System.getProperty("bactrian.test.require"))) {
            fail("This run requires all tools, and there is no " + missing);
        }
        System.err.println("Skipped, there is no " + missing);
        abort("there is no " + missing);
    }
}
