package io.bactrian.federation.opcua;

import java.math.BigDecimal;
import java.util.regex.Pattern;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jspecify.annotations.Nullable;

/**
 * A value of the state, which is text, as a value of OPC UA: what is a number is a Double, {@code true} and {@code false} are
 * Booleans, all else is a String. A number with more digits than a Double holds, or with leading zeros, is a String.
 */
final class StateValues {
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,3})?");
    private static final int NUMBER_LENGTH_MAX = 40;

    private StateValues() {}

    /** The value of a key. */
    static Variant variant(String text) {
        if (text.equals("true") || text.equals("false")) {
            return Variant.ofBoolean(Boolean.parseBoolean(text));
        }
        if (text.length() <= NUMBER_LENGTH_MAX && NUMBER.matcher(text).matches()) {
            double number = Double.parseDouble(text);
            if (!Double.isInfinite(number)
                    && new BigDecimal(text).compareTo(new BigDecimal(Double.toString(number))) == 0) {
                return Variant.ofDouble(number);
            }
        }
        return Variant.ofString(text);
    }

    /** The type of a value that {@link #variant} has made. */
    static NodeId dataType(Variant value) {
        Object known = value.value();
        return known instanceof Double ? NodeIds.Double : known instanceof Boolean ? NodeIds.Boolean : NodeIds.String;
    }

    /**
     * The text of a value that a client writes.
     *
     * @param current what the key has now; its type must be kept
     * @throws UaException Bad_TypeMismatch for another type, Bad_OutOfRange for what the state cannot hold
     */
    static String text(@Nullable Object written, Variant current) throws UaException {
        Object known = current.value();
        if (known instanceof Double && written instanceof Number given) {
            return number(given);
        }
        if (known instanceof Boolean && written instanceof Boolean) {
            return written.toString();
        }
        if (known instanceof String && written instanceof String text) {
            if (text.isEmpty()) {
                throw new UaException(StatusCodes.Bad_OutOfRange, "an empty value would delete the key");
            }
            return text;
        }
        throw new UaException(StatusCodes.Bad_TypeMismatch);
    }

    private static String number(Number written) throws UaException {
        double value = written.doubleValue();
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new UaException(StatusCodes.Bad_OutOfRange, "the state holds finite numbers");
        }
        // The shortest text that is this number: 0.1 of a Float is 0.1.
        return new BigDecimal(written.toString()).stripTrailingZeros().toPlainString();
    }
}
