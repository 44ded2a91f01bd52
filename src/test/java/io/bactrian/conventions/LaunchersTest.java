package io.bactrian.conventions;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code bin/bactrian.bat} cannot run here: at least it starts Java as {@code bin/bactrian} does, which the tests run. */
class LaunchersTest {
    private static final Path BIN = Project.ROOT.resolve("src/assembly/bin");

    @Test
    void bothStartJavaAlike() throws IOException {
        List<String> shell = words(
                command("bactrian", "exec \"$java\""),
                "-Dbactrian.terminal=$terminal ", // what a batch file cannot find out, and Java then takes as false
                "${BACTRIAN_OPTS:-}",
                "$home",
                "\"$@\"",
                "/lib/");
        List<String> batch = words(
                command("bactrian.bat", "\"%JAVA_EXE%\""), "", "%BACTRIAN_OPTS%", "%BACTRIAN_DIR%", "%*", "\\lib\\");
        assertThat(shell)
                .containsExactly(
                        "OPTIONS",
                        "\"-Dbactrian.home=HOME\"",
                        "-cp",
                        "\"HOME[lib]*\"",
                        "io.bactrian.app.Main",
                        "ARGUMENTS");
        assertThat(batch).isEqualTo(shell);
    }

    @Test
    void bothTakeTheJavaOfJavaHomeAndGiveBackTheExitCode() throws IOException {
        String batch = Files.readString(BIN.resolve("bactrian.bat"));
        assertThat(batch)
                .contains("if defined JAVA_HOME set \"JAVA_EXE=%JAVA_HOME%\\bin\\java.exe\"")
                .contains("exit /b %ERRORLEVEL%");
        assertThat(Files.readString(BIN.resolve("bactrian"))).contains("java=$JAVA_HOME/bin/java", "exec \"$java\"");
    }

    @Tag("slow")
    @ParameterizedTest
    @CsvSource({
        "C, , , C.UTF-8",
        ", C, , C.UTF-8",
        ", , , C.UTF-8",
        "de_DE.UTF-8, C, C, de_DE.UTF-8",
        ", , en_US.utf8, ''"
    })
    void theShellScriptHasJavaDecodeUtf8(
            @Nullable String all, @Nullable String type, @Nullable String lang, String wanted, @TempDir Path folder)
            throws Exception {
        Path java = Files.createDirectories(folder.resolve("bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nprintf '%s' \"$LC_ALL\"\n");
        assertThat(java.toFile().setExecutable(true)).isTrue();
        ProcessBuilder builder =
                new ProcessBuilder("sh", BIN.resolve("bactrian").toString(), "put", "t", "x");
        Map<String, String> environment = builder.environment();
        environment.keySet().removeAll(List.of("LC_ALL", "LC_CTYPE", "LANG"));
        environment.put("JAVA_HOME", folder.toString());
        put(environment, "LC_ALL", all);
        put(environment, "LC_CTYPE", type);
        put(environment, "LANG", lang);
        Process process = builder.start();
        assertThat(process.getInputStream().readAllBytes()).asString(UTF_8).isEqualTo(wanted);
        assertThat(process.waitFor()).isZero();
    }

    private static void put(Map<String, String> environment, String name, @Nullable String value) {
        if (value != null) {
            environment.put(name, value);
        }
    }

    @Test
    void whatTheyStartIsThere() throws ClassNotFoundException, NoSuchMethodException {
        assertThat(Class.forName("io.bactrian.app.Main").getMethod("main", String[].class))
                .isNotNull();
    }

    /** The line that starts Java, without its beginning; continued lines are joined. */
    private static String command(String script, String beginning) throws IOException {
        String text = Files.readString(BIN.resolve(script)).replaceAll("\\\\\\R\\s*", "");
        List<String> lines =
                text.lines().filter(line -> line.startsWith(beginning)).toList();
        assertThat(lines).as("how " + script + " starts Java").hasSize(1);
        return lines.get(0).substring(beginning.length());
    }

    private static List<String> words(
            String command, String only, String options, String home, String arguments, String lib) {
        assertThat(command).contains(only, options, home, arguments, lib);
        String plain = command.replace(only, "")
                .replace(options, "OPTIONS")
                .replace(home, "HOME")
                .replace(arguments, "ARGUMENTS")
                .replace(lib, "[lib]");
        return Stream.of(plain.strip().split(" +")).toList();
    }
}
