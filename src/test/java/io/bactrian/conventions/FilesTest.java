package io.bactrian.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What holds for every file of the project. */
class FilesTest {
    private static final Pattern TEXT = Pattern.compile(
            ".*\\.(java|md|properties|sh|bat|sql|xml|yaml|yml|json|py|html|css|js|txt|abnf)|.*/(run|bactrian|LICENSE|NOTICE)");
    // Written in two parts, or this file would not pass its own test.
    private static final Pattern UNFINISHED = Pattern.compile("\\b(" + "TO" + "DO|FIX" + "ME|XX" + "X)\\b");

    @Test
    void nothingIsLeftUnfinished() throws IOException {
        List<String> unfinished = new ArrayList<>();
        for (Path file : textFiles()) {
            int number = 0;
            for (String line :
                    Files.readString(file, StandardCharsets.UTF_8).lines().toList()) {
                number++;
                if (UNFINISHED.matcher(line).find()) {
                    unfinished.add(Project.name(file) + ":" + number + " " + line.strip());
                }
            }
        }
        assertThat(unfinished).isEmpty();
    }

    @Test
    void everyPackageIsNullMarked() throws IOException {
        List<Path> sources = Project.files(Project.ROOT.resolve("src/main/java"));
        List<String> without = sources.stream()
                .map(Path::getParent)
                .distinct()
                .filter(folder -> !sources.contains(folder.resolve("package-info.java")))
                .map(Project::name)
                .toList();
        assertThat(sources).isNotEmpty();
        assertThat(without).as("packages without package-info.java").isEmpty();
        for (Path file : sources) {
            if (file.endsWith("package-info.java")) {
                assertThat(Files.readString(file)).as(Project.name(file)).contains("@NullMarked");
            }
        }
    }

    private static List<Path> textFiles() throws IOException {
        List<Path> files = Project.files(Project.ROOT).stream()
                .filter(file -> TEXT.matcher("/" + Project.name(file)).matches())
                .toList();
        assertThat(files).as("the test looks into the project").contains(Project.ROOT.resolve("pom.xml"));
        return files;
    }
}
