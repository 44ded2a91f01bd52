package io.bactrian.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Our codecs agree, octet for octet, with frames that another implementation of the protocol's text has made. */
class VectorsTest {
    static List<Vectors.Valid> commands() {
        return Vectors.valid().stream()
                .filter(vector -> !vector.command().equals("BATCH"))
                .toList();
    }

    static List<Vectors.Valid> batches() {
        return Vectors.valid().stream()
                .filter(vector -> vector.command().equals("BATCH"))
                .toList();
    }

    static List<Vectors.Invalid> invalid() {
        return Vectors.invalid();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void aCommandIsReadIntoItsFields(Vectors.Valid vector) throws Exception {
        Command command = Commands.decode(vector.frame());

        assertThat(command.getClass().getSimpleName().toUpperCase(Locale.ROOT)).isEqualTo(vector.command());
        assertThat(Vectors.fields(command)).isEqualTo(vector.fields());
    }

    @ParameterizedTest
    @MethodSource("commands")
    void theFieldsOfACommandAreWrittenAsItsOctets(Vectors.Valid vector) throws Exception {
        assertThat(Vectors.command(vector).encode()).isEqualTo(vector.frame());
    }

    @ParameterizedTest
    @MethodSource("batches")
    void aBatchIsReadIntoItsFields(Vectors.Valid vector) throws Exception {
        for (Batch batch : List.of(Batch.parse(vector.frame(), Limits.DEFAULT), Batch.parseTrusted(vector.frame()))) {
            assertThat(Map.<String, Object>of(
                            "publisher", batch.publisher(),
                            "topic", batch.topic(),
                            "epoch", batch.epoch(),
                            "sequence", batch.sequence(),
                            "multipart", batch.multipart(),
                            "sparse", batch.sparse(),
                            "headers", Vectors.headers(batch),
                            "records",
                                    batch.withoutHeaders().records().stream()
                                            .map(Vectors.HEX::formatHex)
                                            .toList()))
                    .isEqualTo(vector.fields());
        }
    }

    @ParameterizedTest
    @MethodSource("batches")
    void theFieldsOfABatchAreWrittenAsItsOctets(Vectors.Valid vector) {
        Map<String, Object> fields = vector.fields();
        BatchBuilder builder = new BatchBuilder(
                        (String) fields.get("publisher"),
                        (String) fields.get("topic"),
                        (Long) fields.get("epoch"),
                        (Long) fields.get("sequence"))
                .multipart((Boolean) fields.get("multipart"))
                .sparse((Boolean) fields.get("sparse"));
        List<?> headers = (List<?>) fields.get("headers");
        builder.headers(!headers.isEmpty());
        int index = 0;
        for (Object record : (List<?>) fields.get("records")) {
            byte[] body = Vectors.HEX.parseHex((String) record);
            builder.append(headers.isEmpty() ? new byte[0] : pack(headers.get(index++)), body, 0, body.length);
        }

        assertThat(builder.build().bytes()).isEqualTo(vector.frame());
    }

    private static byte[] pack(Object headers) {
        Map<String, String> texts = new LinkedHashMap<>();
        ((Map<?, ?>) headers).forEach((name, value) -> texts.put((String) name, (String) value));
        return Headers.pack(texts);
    }

    @ParameterizedTest
    @MethodSource("invalid")
    void aBrokenFrameIsRefusedWithItsCode(Vectors.Invalid vector) {
        WireException refused = catchThrowableOfType(WireException.class, () -> {
            if (Commands.codeOf(vector.frame()) == Batch.COMMAND) {
                Batch.parse(vector.frame(), Limits.DEFAULT);
            } else {
                Commands.decode(vector.frame());
            }
        });

        assertThat(refused).isNotNull();
        assertThat(refused.code().label()).isEqualTo(vector.code());
    }

    @Test
    void everyCommandHasAVector() {
        TreeSet<String> written =
                Vectors.valid().stream().map(Vectors.Valid::command).collect(Collectors.toCollection(TreeSet::new));
        TreeSet<String> known = Stream.of(Command.class.getDeclaredClasses())
                .filter(Class::isRecord)
                .map(type -> type.getSimpleName().toUpperCase(Locale.ROOT))
                .collect(Collectors.toCollection(TreeSet::new));
        known.add("BATCH");

        assertThat(written).isEqualTo(known);
    }
}
