package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the units for systemd start: a command line that is right, and that other machines reach. */
class ServiceUnitsTest {
    private static final Path UNITS = Path.of("src/assembly/systemd");
    private static final String COMMAND = "ExecStart=/opt/bactrian/bin/bactrian run ";

    private static Configuration started(String unit) throws Exception {
        String line = Files.readAllLines(UNITS.resolve("bactrian-" + unit + ".service")).stream()
                .filter(each -> each.startsWith(COMMAND))
                .findFirst()
                .orElseThrow();
        List<String> words =
                new ArrayList<>(List.of(line.substring(COMMAND.length()).split(" ", -1)));
        Map<String, String> set = new LinkedHashMap<>();
        for (int at = words.indexOf("--set"); at >= 0; at = words.indexOf("--set")) {
            String[] pair = words.remove(at + 1).split("=", 2);
            set.put(pair[0], pair[1]);
            words.remove(at);
        }
        int data = words.indexOf("--data");
        set.put("bactrian.data", words.remove(data + 1));
        words.remove(data);
        Installation home = new Installation(Optional.of(Path.of("").toAbsolutePath()));
        RoleCommandLine role = RoleCommandLine.parse(words, home::roleArguments);
        Map<String, String> overrides = new LinkedHashMap<>(role.values());
        overrides.putAll(set);
        return Configuration.load(home, role.roles(), overrides, Map.of(), new Properties());
    }

    @ParameterizedTest
    @CsvSource({
        "hub-pair, bactrian.pair.host",
        "hub-pair, bactrian.hub.publish",
        "hub-pair, bactrian.hub.subscribe",
        "speed-server, bactrian.pair.host",
        "speed-server, bactrian.speed.host",
        "witness, bactrian.witness.listen"
    })
    void whatOthersConnectToIsReachedFromOtherMachines(String unit, String key) throws Exception {
        Configuration configuration = started(unit);
        assertThat(configuration.roles()).containsExactly(unit);
        assertThat(configuration.get(key)).contains("10.0.0.").doesNotContain("127.0.0.1");
    }

    @Test
    void eachUnitRunsInItsOwnFolderBelowTheOneThatItMayWrite() throws Exception {
        for (String unit : List.of("hub-pair", "speed-server", "witness")) {
            assertThat(started(unit).get("bactrian.data")).isEqualTo("/var/lib/bactrian/" + unit);
            assertThat(Files.readString(UNITS.resolve("bactrian-" + unit + ".service")))
                    .contains("ReadWritePaths=/var/lib/bactrian\n");
        }
    }
}
