package io.bactrian.support.context;

import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.jspecify.annotations.Nullable;

/**
 * A bean that is made at the first use, once, and lives with its context if it is a {@link ContextLife}. A plugin binds it to a
 * name, so nothing is opened in a context whose routes do not name it. Any thread; the maker must not ask for the same bean.
 *
 * @param <T> the bean
 */
public final class FirstUse<T> implements Supplier<T> {
    private final CamelContext context;
    private final Callable<T> maker;
    private @Nullable T made;

    /** A bean of a context, not made yet. */
    public FirstUse(CamelContext context, Callable<T> maker) {
        this.context = context;
        this.maker = maker;
    }

    /** The bean; whatever goes wrong when it is made, the caller hears, and the next use tries again. */
    @Override
    public synchronized T get() {
        T known = made;
        if (known == null) {
            try {
                known = maker.call();
                if (known instanceof ContextLife life) {
                    life.liveWith(context);
                }
            } catch (Exception e) {
                throw RuntimeCamelException.wrapRuntimeCamelException(e);
            }
            made = known;
        }
        return known;
    }
}
