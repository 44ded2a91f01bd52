package io.bactrian.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

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
