package io.bactrian.app;

/** Starts Bactrian from the command line. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.exit(0);
    }
}
