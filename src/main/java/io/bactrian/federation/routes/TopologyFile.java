package io.bactrian.federation.routes;

import io.bactrian.federation.core.Topology;
import io.bactrian.federation.core.TopologyException;
import io.bactrian.federation.core.TopologyReader;
import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
            return parse(file.toString(), text(file));
        } catch (IOException e) {
            throw new TopologyException(
                    file.toString(),
                    List.of("the file cannot be read (" + FileErrors.why(e) + "): set bactrian.federation.topology"));
        }
    }

    /** The text of a file, in UTF-8. */
    static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] octets = in.readNBytes(BYTES_MAX + 1);
            if (octets.length > BYTES_MAX) {
                throw new IOException("it is larger than " + BYTES_MAX + " octets");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
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
        } catch (StackOverflowError e) {
            throw new TopologyException(source, List.of("its lists and maps are too deep"));
        }
        return TopologyReader.read(source, document);
    }
}
