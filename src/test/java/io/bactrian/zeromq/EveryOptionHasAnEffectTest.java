package io.bactrian.zeromq;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.apache.camel.tooling.model.BaseOptionModel;
import org.apache.camel.tooling.model.ComponentModel;
import org.apache.camel.tooling.model.JsonMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** Every option of the component and of its endpoints is named by a test of what it does. */
class EveryOptionHasAnEffectTest {
    /** Camel's own: it acts on them before, or without, this component. */
    private static final Set<String> CAMELS = Set.of(
            "bridgeErrorHandler",
            "exceptionHandler",
            "lazyStartProducer",
            "autowiredEnabled",
            "healthCheckConsumerEnabled",
            "healthCheckProducerEnabled");

    @Test
    void andNamedByATest() throws Exception {
        Set<String> options = options();
        assertThat(options).contains("target", "maxFrameBytes", "ioThreads").hasSizeGreaterThan(60);
        Set<String> untested = new TreeSet<>(options);
        untested.removeAll(CAMELS);
        untested.removeAll(named());
        assertThat(untested).as("options without a test of their effect").isEmpty();
        Set<String> unknown = new TreeSet<>(named());
        unknown.removeAll(options);
        assertThat(unknown).as("named by a test, and no options").isEmpty();
    }

    private static Set<String> options() throws IOException {
        try (InputStream json =
                EveryOptionHasAnEffectTest.class.getResourceAsStream("/META-INF/io/bactrian/zeromq/zeromq.json")) {
            assertThat(json).isNotNull();
            ComponentModel model = JsonMapper.generateComponentModel(new String(json.readAllBytes(), UTF_8));
            Set<String> names = new TreeSet<>();
            model.getEndpointOptions().stream().map(BaseOptionModel::getName).forEach(names::add);
            model.getComponentOptions().stream().map(BaseOptionModel::getName).forEach(names::add);
            return names;
        }
    }

    private static Set<String> named() throws Exception {
        Path folder = Path.of(EveryOptionHasAnEffectTest.class.getResource("").toURI());
        Set<String> names = new TreeSet<>();
        try (DirectoryStream<Path> classes = Files.newDirectoryStream(folder, "*Test.class")) {
            for (Path file : classes) {
                String name = file.getFileName().toString();
                Class<?> test = Class.forName(
                        EveryOptionHasAnEffectTest.class.getPackageName() + "." + name.substring(0, name.length() - 6));
                for (Method method : test.getDeclaredMethods()) {
                    ShowsEffectOf shows = method.getAnnotation(ShowsEffectOf.class);
                    if (shows != null) {
                        assertThat(method.isAnnotationPresent(Test.class)
                                        || method.isAnnotationPresent(ParameterizedTest.class))
                                .as("%s is a test", method)
                                .isTrue();
                        names.addAll(Set.of(shows.value()));
                    }
                }
            }
        }
        return names;
    }
}
