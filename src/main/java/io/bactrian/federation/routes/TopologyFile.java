package io.bactrian.federation.routes;

import io.bactrian.federation.core.Topology;
import io.bactrian.federation.core.TopologyException;
import io.bactrian.federation.core.TopologyReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads the topology's YAML file. */
public final class TopologyFile {
    private static final int BYTES_MAX = 16 << 20;

    private TopologyFile() {}

    /**
     * Reads a file.
     *
     * @throws TopologyException listing every problem; also if the file cannot be read
     */
    public static Topology read(Path file) {
        try {
            if (Files.size(file) > BYTES_MAX) {
                throw new TopologyException(
                        file.toString(), List.of("the file is larger than " + BYTES_MAX + " octets"));
            }
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new TopologyException(
                    file.toString(), List.of("the file cannot be read (" + e + "): set bactrian.federation.topology"));
        }
    }

    /** Reads the text of a file, whose name is for messages. */
    public static Topology parse(String source, String text) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(source)
                .setAllowDuplicateKeys(false)
                .setMaxAliasesForCollections(20)
                .setCodePointLimit(BYTES_MAX)
                .build();
        Object document;
        try {
            document = new Load(settings).loadFromString(text);
        } catch (YamlEngineException e) {
            throw new TopologyException(
                    source,
                    List.of("it is no YAML: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " ")));
        }
        return TopologyReader.read(source, document);
    }
}
