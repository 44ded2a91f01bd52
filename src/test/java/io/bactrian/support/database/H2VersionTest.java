package io.bactrian.support.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class H2VersionTest {
    @Test
    void otherVersionsThanTheTestedOneAreTold() {
        assertThat(H2Version.warning("2.3.232"))
                .hasValueSatisfying(text -> assertThat(text).startsWith("H2 is 2.3.232, but only 2.4.240 is tested"));
        assertThat(H2Version.warning("2.5.252")).isPresent();
        assertThat(H2Version.warning(H2Version.TESTED)).isEmpty();
    }

    @Test
    void theTestedVersionIsTheOneOfTheBuild() throws Exception {
        assertThat(Files.readString(Path.of("pom.xml"))).contains("<h2.version>" + H2Version.TESTED + "</h2.version>");
    }
}
