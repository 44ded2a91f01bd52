package io.bactrian.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of this build. */
public final class Version implements IVersionProvider {
    /** The version, such as {@code 0.1.0}. */
    public static String number() {
        return read("version");
    }

    private static String read(String key) {
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream("version.properties")) {
            if (in == null) {
                throw new IllegalStateException("version.properties is missing beside " + Version.class.getName());
            }
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty(key);
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "bactrian " + number(),
            "Camel " + read("camel") + ", Java " + Runtime.version().feature()
        };
    }
}
