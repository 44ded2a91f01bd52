package io.bactrian.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The protocol's page shows the octets that the golden vectors have, and every code and command that we have. */
class ProtocolPageTest {
    private static final Pattern NAMED = Pattern.compile("^`([a-z-]+)`:$");
    private static final Pattern OCTETS = Pattern.compile("^    ((?:[0-9a-f]{2} ?)+)(?: *;.*)?$");

    @Test
    void everyExampleIsTheVectorOfItsName() throws IOException {
        Map<String, String> examples = examples();

        Map<String, Vectors.Valid> vectors =
                Vectors.valid().stream().collect(Collectors.toMap(Vectors.Valid::name, vector -> vector));
        examples.forEach((name, octets) -> assertThat(octets)
                .as(name)
                .isEqualTo(Vectors.HEX.formatHex(vectors.get(name).frame())));
        Set<String> shown = new TreeSet<>();
        examples.keySet().forEach(name -> shown.add(vectors.get(name).command()));
        Set<String> all = new TreeSet<>();
        vectors.values().forEach(vector -> all.add(vector.command()));
        assertThat(shown).isEqualTo(all);
    }

    @Test
    void everyCodeIsInTheTable() throws IOException {
        String page = Files.readString(Path.of("docs/reference/protocol.md"));

        for (Code code : Code.values()) {
            assertThat(page).contains("| " + code.number() + " | " + code.label() + " |");
        }
    }

    private static Map<String, String> examples() throws IOException {
        Map<String, String> examples = new LinkedHashMap<>();
        String name = "";
        for (String line : Files.readAllLines(Path.of("docs/reference/protocol.md"))) {
            Matcher named = NAMED.matcher(line);
            Matcher octets = OCTETS.matcher(line);
            if (named.matches()) {
                name = named.group(1);
            } else if (line.startsWith("#")) {
                name = "";
            } else if (!name.isEmpty() && octets.matches()) {
                examples.merge(name, octets.group(1).replace(" ", ""), String::concat);
            }
        }
        return examples;
    }
}
