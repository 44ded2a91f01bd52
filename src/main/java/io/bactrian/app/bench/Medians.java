package io.bactrian.app.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** The median of what was measured several times. */
final class Medians {
    private Medians() {}

    /** The upper one of two; 0 without any. */
    static double of(List<Double> values) {
        return values.isEmpty() ? 0 : values.stream().sorted().toList().get(values.size() / 2);
    }

    static <T> double of(List<T> results, ToDoubleFunction<T> value) {
        return of(results.stream().map(value::applyAsDouble).toList());
    }
}
