package io.bactrian.support.context;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.camel.CamelContext;
import org.apache.camel.spi.BeanRepository;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.DefaultRegistry;
import org.jspecify.annotations.Nullable;

/**
 * The beans that plugins offer to the routes of a context, each made when it is first asked for by its name. Whoever looks for
 * all beans of a type, as a dev console or autowiring does, finds those that are made and makes none: a context whose routes
 * name no bean has none. A bean that somebody else has bound to a name comes first. Any thread.
 *
 * <p>The plugins cannot bind a bean only where a route names it: Camel tells of a route only after it has looked up the beans of
 * its steps, and of a route that is added to a running context not even then.
 */
public final class NamedBeans implements BeanRepository {
    private final DefaultRegistry registry;
    private final Map<String, Bean<?>> beans = new ConcurrentHashMap<>();

    private NamedBeans(DefaultRegistry registry) {
        this.registry = registry;
    }

    /**
     * Offers a bean. In a registry that is not Camel's own it is bound as such.
     *
     * @param maker is called once; if it throws, the next use tries again
     */
    public static <T> void bind(CamelContext context, String name, Class<T> type, Supplier<? extends T> maker) {
        Registry registry = context.getRegistry();
        if (registry instanceof DefaultRegistry camels) {
            of(camels).beans.put(name, new Bean<>(type, maker));
        } else {
            registry.bind(name, type, maker::get);
        }
    }

    private static NamedBeans of(DefaultRegistry registry) {
        List<BeanRepository> known = registry.getRepositories();
        if (known != null) {
            for (BeanRepository one : known) {
                if (one instanceof NamedBeans beans) {
                    return beans;
                }
            }
        }
        NamedBeans made = new NamedBeans(registry);
        registry.addBeanRepository(made);
        return made;
    }

    @Override
    public @Nullable Object lookupByName(String name) {
        return lookupByNameAndType(name, Object.class);
    }

    @Override
    public <T> @Nullable T lookupByNameAndType(String name, Class<T> type) {
        Bean<?> bean = beans.get(name);
        if (bean == null || !type.isAssignableFrom(bean.type) || isBound(name)) {
            return null;
        }
        return type.cast(bean.get());
    }

    private boolean isBound(String name) {
        return registry.getSupplierRegistry().lookupByName(name) != null
                || registry.getFallbackRegistry().lookupByName(name) != null;
    }

    @Override
    public <T> Map<String, T> findByTypeWithName(Class<T> type) {
        Map<String, T> found = new LinkedHashMap<>();
        beans.forEach((name, bean) -> {
            Object made = bean.made;
            if (type.isInstance(made)) {
                found.put(name, type.cast(made));
            }
        });
        return found;
    }

    @Override
    public <T> Set<T> findByType(Class<T> type) {
        return findByTypeWithName(type).values().stream().collect(Collectors.toSet());
    }

    private static final class Bean<T> {
        private final Class<T> type;
        private final Supplier<? extends T> maker;
        private volatile @Nullable T made;

        private Bean(Class<T> type, Supplier<? extends T> maker) {
            this.type = type;
            this.maker = maker;
        }

        private synchronized T get() {
            T known = made;
            if (known == null) {
                known = maker.get();
                made = known;
            }
            return known;
        }
    }
}
