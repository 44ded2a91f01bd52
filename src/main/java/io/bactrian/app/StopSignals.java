package io.bactrian.app;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for Ctrl-C, SIGTERM and SIGHUP. Java's shutdown hooks cannot tell a second Ctrl-C from the first, so this uses
 * the JDK's signal class, by reflection because the compiler warns of it; where there is none, a shutdown hook remains.
 */
final class StopSignals {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);
    private static final String[] NAMES = {"INT", "TERM", "HUP"};

    private final Runnable stop;
    private final Runnable stopAtOnce;
    private final AtomicInteger received = new AtomicInteger();

    /**
     * Listens from now on, for the rest of the process.
     *
     * @param stop runs at the first signal, on the signal's thread; it returns at once
     * @param stopAtOnce runs at each further one
     */
    static void listen(Runnable stop, Runnable stopAtOnce) {
        new StopSignals(stop, stopAtOnce).install();
    }

    private StopSignals(Runnable stop, Runnable stopAtOnce) {
        this.stop = stop;
        this.stopAtOnce = stopAtOnce;
    }

    private void install() {
        for (String name : NAMES) {
            try {
                handle(name);
            } catch (InvocationTargetException e) {
                // Windows has no HUP, and a JVM started with -Xrs gives none away.
                LOG.debug("signal={} cannot be handled", name, e.getCause());
            } catch (ReflectiveOperationException e) {
                LOG.warn("this Java has no signals: a second Ctrl-C will not stop at once");
                Runtime.getRuntime().addShutdownHook(new Thread(stop, "bactrian-stop"));
                return;
            }
        }
    }

    private void handle(String name) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        InvocationHandler calls = (proxy, method, arguments) -> switch (method.getName()) {
            case "handle" -> received(name);
            case "equals" -> proxy == arguments[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "handler of " + name;
        };
        Object proxy = Proxy.newProxyInstance(StopSignals.class.getClassLoader(), new Class<?>[] {handler}, calls);
        signal.getMethod("handle", signal, handler)
                .invoke(null, signal.getConstructor(String.class).newInstance(name), proxy);
    }

    private @Nullable Object received(String name) {
        if (received.incrementAndGet() == 1) {
            LOG.info("signal={} stopping; once more to stop at once", name);
            stop.run();
        } else {
            stopAtOnce.run();
        }
        return null;
    }
}
