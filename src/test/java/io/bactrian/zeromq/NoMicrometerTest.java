package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;

/** The component without its optional dependency. */
class NoMicrometerTest {

    /** Loads the component and Camel anew, as if Micrometer were not on the class path. */
    private static final class WithoutMicrometer extends ClassLoader {
        WithoutMicrometer(ClassLoader parent) {
            super(parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (name.startsWith("io.micrometer.")) {
                throw new ClassNotFoundException(name);
            }
            if (!name.startsWith("io.bactrian.") && !name.startsWith("org.apache.camel.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? define(name) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    /** Runs in the filtering class loader: sends one message through a context. */
    public static final class RoundTrip implements Callable<String> {
        @Override
        public String call() throws Exception {
            CompletableFuture<String> received = new CompletableFuture<>();
            try (DefaultCamelContext context = new DefaultCamelContext(false)) {
                context.setApplicationContextClassLoader(RoundTrip.class.getClassLoader());
                context.build();
                context.disableJMX();
                context.addRoutes(new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("zeromq:pull:inproc://one")
                                .process(e -> received.complete(e.getMessage().getBody(String.class)));
                    }
                });
                context.start();
                context.createProducerTemplate().sendBody("zeromq:push:inproc://one", "arrived");
                return received.get(60, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void theComponentStartsAndWorks() throws Exception {
        ClassLoader loader = new WithoutMicrometer(NoMicrometerTest.class.getClassLoader());
        ClassLoader former = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(loader);
        try {
            assertThatThrownBy(() -> loader.loadClass("io.micrometer.core.instrument.MeterRegistry"))
                    .isInstanceOf(ClassNotFoundException.class);
            Object roundTrip = loader.loadClass(RoundTrip.class.getName())
                    .getDeclaredConstructor()
                    .newInstance();
            assertThat(roundTrip.getClass().getClassLoader()).isEqualTo(loader);
            assertThat(((Callable<?>) roundTrip).call()).isEqualTo("arrived");
        } finally {
            Thread.currentThread().setContextClassLoader(former);
        }
    }
}
