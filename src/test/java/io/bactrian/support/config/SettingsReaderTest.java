package io.bactrian.support.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.camel.CamelContext;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsReaderTest {
    private static SettingsReader reader(Map<String, String> values) {
        Properties properties = new Properties();
        values.forEach((key, value) -> properties.setProperty("some." + key, value));
        CamelContext context = new DefaultCamelContext();
        context.getPropertiesComponent().setOverrideProperties(properties);
        context.build();
        return new SettingsReader(context, "the test", "some.");
    }

    @Test
    void valuesAreReadInTheirUnits() {
        SettingsReader in = reader(Map.of(
                "number", "7",
                "age", "1h30m",
                "never", "0",
                "size", "16mb",
                "list", " a, ,b",
                "unit", "Seconds",
                "address", "tcp://*:5570,ipc:///tmp/hub",
                "is", "true"));
        assertThat(in.number("number", 1, 7)).isEqualTo(7);
        assertThat(in.duration("age")).isEqualTo(Duration.ofMinutes(90));
        assertThat(in.durationOrZero("never")).isZero();
        assertThat(in.size("size", 1, 1L << 40)).isEqualTo(16 << 20);
        assertThat(in.list("list")).containsExactly("a", "b");
        assertThat(in.oneOf("unit", TimeUnit.class)).isEqualTo(TimeUnit.SECONDS);
        assertThat(in.address("address")).isEqualTo("tcp://*:5570,ipc:///tmp/hub");
        assertThat(in.isTrue("is")).isTrue();
        assertThatNoException().isThrownBy(in::check);
    }

    @Test
    void oneMessageNamesEachKeyWithItsValueAndWhatWouldBeRight() {
        SettingsReader in = reader(Map.of(
                "number", "8",
                "least", "0",
                "age", "0",
                "size", "99999999999g",
                "unit", "eons",
                "address", "tcp://127.0.0.1:65536",
                "is", "yes",
                "name", "a b"));
        in.number("number", 1, 7);
        in.number("least", 1);
        in.duration("age");
        in.size("size", 1, Long.MAX_VALUE);
        in.oneOf("unit", Pace.class);
        in.address("address");
        in.isTrue("is");
        in.matching("name", Pattern.compile("\\S+"), "one word");
        assertThat(in.number("absent", 3)).isEqualTo(3);
        assertThat(in.text("absent")).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(in::check)
                .satisfies(e -> assertThat(e.getMessage().lines())
                        .as(e.getMessage())
                        .hasSize(10)
                        .startsWith("The configuration of the test is wrong:")
                        .contains(
                                "  some.number=8 must be a whole number from 1 to 7",
                                "  some.least=0 must be a number of at least 1",
                                "  some.age=0 must be a duration such as 500ms, 5s or 1h30m, above 0",
                                "  some.unit=eons must be one of slow, fast",
                                "  some.address=tcp://127.0.0.1:65536 must be " + ZeroMqAddress.NOUN,
                                "  some.is=yes must be true or false",
                                "  some.name=a b must be one word")
                        .satisfiesOnlyOnce(
                                line -> assertThat(line).contains("some.size=99999999999g must be a size from 1"))
                        .satisfiesOnlyOnce(line -> assertThat(line).contains("some.absent cannot be resolved")));
        assertThatNoException().as("a problem is told once").isThrownBy(in::check);
    }

    private enum Pace {
        SLOW,
        FAST
    }

    @Test
    void theLastValueIsNotMadeIfAnotherOneIsWrong() {
        SettingsReader in = reader(Map.of("is", "yes", "last", "x"));
        in.isTrue("is");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> in.last("last", () -> {
                    throw new IllegalArgumentException("no good");
                }))
                .withMessageContainingAll("some.is=yes must be", "some.last: no good");
        assertThat(in.last("last", () -> "x")).isEqualTo("x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9007199254740992g", "9223372036854775807k", "99999999999999999999"})
    void aSizeThatDoesNotFitIsRefusedAndDoesNotWrapAround(String size) {
        SettingsReader in = reader(Map.of("size", size));
        in.size("size", 0, Long.MAX_VALUE);
        assertThatIllegalArgumentException().isThrownBy(in::check).withMessageContaining("some.size=" + size);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NumberUnit.SIZE.parse("bytes", size))
                .withMessageContaining("bytes=" + size + " must be a size");
    }

    @Test
    void anOptionOf31BitsHasABound() {
        assertThat(NumberUnit.SIZE.parseInt("bytes", " 64KB ")).isEqualTo(65_536);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NumberUnit.SIZE.parseInt("bytes", "2g"))
                .withMessage("bytes=2g must be below 2g");
    }
}
