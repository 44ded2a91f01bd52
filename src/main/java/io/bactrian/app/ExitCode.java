package io.bactrian.app;

/** The exit codes of all commands. */
public final class ExitCode {
    /** It did what was asked. */
    public static final int OK = 0;

    /** It failed, and said why on standard error. */
    public static final int FAILED = 1;

    /** The command line or the configuration is wrong; nothing was done. */
    public static final int USAGE = 2;

    private ExitCode() {}
}
