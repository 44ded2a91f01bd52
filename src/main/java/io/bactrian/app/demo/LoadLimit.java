package io.bactrian.app.demo;

/** Says whether a reading of the load is above the number of processors. */
public final class LoadLimit {
    /**
     * Whether the load is too high.
     *
     * @param reading {@code time,value} as {@link HostReadings} makes it
     */
    public boolean above(String reading) {
        return Double.parseDouble(reading.substring(reading.indexOf(',') + 1))
                > Runtime.getRuntime().availableProcessors();
    }
}
