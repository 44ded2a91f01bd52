package io.bactrian.federation.device;

import io.bactrian.support.text.RawValue;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;

/**
 * One value of a field device, and the key of the state that has it.
 *
 * @param key the key, which the node of the device owns
 * @param address where the device has it, in the words of the protocol
 * @param type its type there
 * @param writable whether a change of the key is written to the device
 * @param recorded whether each change is recorded as history
 */
public record Point(String key, String address, Type type, boolean writable, boolean recorded) {
    /**
     * The address as an option of a URI, unchanged.
     *
     * @throws IllegalArgumentException if no URI can hold it
     */
    public String quotedAddress() {
        return RawValue.of(address);
    }

    /** The types of values in devices. */
    public enum Type {
        BOOLEAN,
        INT16,
        UINT16,
        INT32,
        UINT32,
        INT64,
        FLOAT,
        DOUBLE,
        STRING;

        /** The names as a file has them. */
        public static final List<String> NAMES =
                List.of("Boolean", "Int16", "UInt16", "Int32", "UInt32", "Int64", "Float", "Double", "String");

        static Type of(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }

        private boolean whole() {
            return this == INT16 || this == UINT16 || this == INT32 || this == UINT32 || this == INT64;
        }

        private BigDecimal min() {
            return switch (this) {
                case INT16 -> BigDecimal.valueOf(Short.MIN_VALUE);
                case INT32 -> BigDecimal.valueOf(Integer.MIN_VALUE);
                case INT64 -> BigDecimal.valueOf(Long.MIN_VALUE);
                default -> BigDecimal.ZERO;
            };
        }

        private BigDecimal max() {
            return switch (this) {
                case INT16 -> BigDecimal.valueOf(Short.MAX_VALUE);
                case UINT16 -> BigDecimal.valueOf(0xffffL);
                case INT32 -> BigDecimal.valueOf(Integer.MAX_VALUE);
                case UINT32 -> BigDecimal.valueOf(0xffffffffL);
                default -> BigDecimal.valueOf(Long.MAX_VALUE);
            };
        }
    }

    /** The value of the device as the state has it: the shortest text that is this value. */
    public static String text(Object value) {
        if (value instanceof Number number) {
            double amount = number.doubleValue();
            return Double.isNaN(amount) || Double.isInfinite(amount)
                    ? "invalid"
                    : new BigDecimal(number.toString()).stripTrailingZeros().toPlainString();
        }
        return value.toString();
    }

    /**
     * The value of the state as the device takes it: a Boolean, Long, Float, Double or String.
     *
     * @throws IllegalArgumentException if the device cannot hold it, with the reason
     */
    public Object value(String text) {
        if (type == Type.STRING) {
            return text;
        }
        if (type == Type.BOOLEAN) {
            if (!text.equals("true") && !text.equals("false")) {
                throw new IllegalArgumentException(key + " is true or false, not '" + text + "'");
            }
            return Boolean.valueOf(text);
        }
        BigDecimal number;
        try {
            number = new BigDecimal(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " is a number, not '" + text + "'", e);
        }
        if (type == Type.FLOAT) {
            return number.floatValue();
        }
        if (type == Type.DOUBLE) {
            return number.doubleValue();
        }
        boolean fits = number.compareTo(type.min()) >= 0 && number.compareTo(type.max()) <= 0;
        if (!type.whole() || number.stripTrailingZeros().scale() > 0 || !fits) {
            throw new IllegalArgumentException(
                    key + " is a whole number from " + type.min() + " to " + type.max() + ", not " + text);
        }
        return number.longValueExact();
    }
}
