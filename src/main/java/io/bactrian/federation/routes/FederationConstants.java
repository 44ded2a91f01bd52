package io.bactrian.federation.routes;

/** The headers of the federation's routes; none of them crosses the wire as a header. */
public final class FederationConstants {
    /** The key of the state that is changed, or has changed. */
    public static final String KEY = "CamelBactrianKey";
    /** The name of a series or event that is recorded. */
    public static final String SERIES = "CamelBactrianSeries";
    /** The sender of a command, {@code actor@node}. */
    public static final String FROM = "CamelBactrianFrom";
    /** The receiver of a command, {@code actor@node}. */
    public static final String TO = "CamelBactrianTo";

    private FederationConstants() {}
}
