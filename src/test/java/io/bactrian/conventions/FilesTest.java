package io.bactrian.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What holds for every file of the project. */
class FilesTest {
    private static final Pattern TEXT = Pattern.compile(
            ".*\\.(java|md|properties|sh|bat|sql|xml|yaml|yml|json|py|html|css|js|txt|abnf)|.*/(run|bactrian|LICENSE|NOTICE)");
    // Written in two parts, or this file would not pass its own test.
    private static final Pattern UNFINISHED = Pattern.compile("\\b(" + "TO" + "DO|FIX" + "ME|XX" + "X)\\b");

    private static final Pattern VERSION = Pattern.compile("<version>(.*)</version>");
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:)([^)#\\s]*)(?:#([^)]*))?\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");
    private static final Pattern PATH = Pattern.compile("`((?:src|routes|docs)/[^`<*\\s]+)`");
    private static final Pattern TEST = Pattern.compile("`(\\w*[a-z](?:Test|IT))\\b");
    private static final Pattern METHOD = Pattern.compile("`(\\w+)#(\\w+)`");

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

    @Test
    void kameletsAskForTheArtifactOfThisVersion() throws IOException {
        String pom = Files.readString(Project.ROOT.resolve("pom.xml"));
        String version =
                VERSION.matcher(pom).results().findFirst().orElseThrow().group(1);
        List<Path> kamelets = Project.files(Project.ROOT.resolve("routes/kamelets"));
        assertThat(kamelets).isNotEmpty();
        for (Path kamelet : kamelets) {
            assertThat(Files.readString(kamelet))
                    .as(Project.name(kamelet))
                    .contains("\n    - \"mvn:io.bactrian:bactrian:" + version + "\"\n");
        }
    }

    @Test
    void pagesNameWhatIsThere() throws IOException {
        Map<String, String> classes = new HashMap<>();
        for (Path source : Project.files(Project.ROOT.resolve("src"))) {
            String name = source.getFileName().toString();
            if (name.endsWith(".java")) {
                classes.merge(name.replace(".java", ""), Files.readString(source), String::concat);
            }
        }
        List<String> missing = new ArrayList<>();
        for (Path page : textFiles()) {
            if (page.toString().endsWith(".md") && !page.endsWith("CHANGELOG.md")) {
                missing(page, classes)
                        .map(what -> Project.name(page) + ": " + what)
                        .forEach(missing::add);
            }
        }
        assertThat(missing).isEmpty();
    }

    @Test
    void whatIsNotThereIsFound(@TempDir Path folder) throws IOException {
        Path page = folder.resolve("page.md");
        Files.writeString(page, """
                # A page
                [no](none.md), [good](#a-page), [no](page.md#none), `src/none`, `src/test/java`, `NoneTest`, `FilesTest`,
                `FilesTest#none`, `FilesTest#whatIsNotThereIsFound`, `None#none`
                """);
        Map<String, String> classes = Map.of("FilesTest", "    void whatIsNotThereIsFound() {");
        assertThat(missing(page, classes))
                .containsExactly("none.md", "page.md#none", "src/none", "NoneTest", "FilesTest#none", "None#none");
    }

    /** What a page names in a link, as a path, as a test, or as {@code Class#method}, and is not there. */
    private static Stream<String> missing(Path page, Map<String, String> classes) throws IOException {
        String text = Files.readString(page);
        return Stream.of(
                        LINK.matcher(text).results().filter(link -> !leads(page, link.group(1), link.group(2))),
                        PATH.matcher(text).results().filter(path -> !isThere(path.group(1))),
                        TEST.matcher(text).results().filter(test -> !classes.containsKey(test.group(1))),
                        METHOD.matcher(text).results().filter(method -> !isMethod(method, classes)))
                .flatMap(Function.identity())
                .map(found -> found.group().replaceAll("^]\\(|[`)]", ""));
    }

    private static boolean leads(Path page, String file, @Nullable String heading) {
        Path target = file.isEmpty() ? page : page.resolveSibling(file);
        if (heading == null || !target.toString().endsWith(".md")) {
            return Files.exists(target);
        }
        return Files.exists(target) && headings(target).contains(heading);
    }

    /** As GitHub makes anchors of them. */
    private static Set<String> headings(Path page) {
        try {
            return HEADING.matcher(Files.readString(page))
                    .results()
                    .map(heading -> heading.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\w -]", ""))
                    .map(heading -> heading.strip().replace(' ', '-'))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isThere(String path) {
        return Files.exists(Project.ROOT.resolve(path)) || Files.exists(Project.ROOT.resolve(path + ".camel.yaml"));
    }

    /** A class declares its methods behind four blanks. */
    private static boolean isMethod(MatchResult name, Map<String, String> classes) {
        return name.group(1).equals("Class")
                || Pattern.compile("(?m)^ {4}\\S.*\\b" + name.group(2) + "\\(")
                        .matcher(classes.getOrDefault(name.group(1), ""))
                        .find();
    }

    private static List<Path> textFiles() throws IOException {
        List<Path> files = Project.files(Project.ROOT).stream()
                .filter(file -> TEXT.matcher("/" + Project.name(file)).matches())
                .toList();
        assertThat(files).as("the test looks into the project").contains(Project.ROOT.resolve("pom.xml"));
        return files;
    }
}
