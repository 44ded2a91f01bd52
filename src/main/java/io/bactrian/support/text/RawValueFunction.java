package io.bactrian.support.text;

import org.apache.camel.spi.PropertiesFunction;

/**
 * Gives a property as the value of an option in a URI, unchanged: {@code data: "{{bactrian-raw:data}}"} in a Kamelet, and
 * {@code {{bactrian-raw:?data}}} for one that may be missing. A property that no URI can hold is an error when the route is made.
 */
public final class RawValueFunction implements PropertiesFunction {
    @Override
    public String getName() {
        return "bactrian-raw";
    }

    @Override
    public boolean lookupFirst(String remainder) {
        return true;
    }

    @Override
    public String apply(String value) {
        return RawValue.of(value);
    }
}
