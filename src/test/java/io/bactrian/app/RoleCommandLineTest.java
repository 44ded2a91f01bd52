package io.bactrian.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RoleCommandLineTest {
    private static final Map<String, String> ROLES = Map.of(
            "hub", "",
            "worker", "PORT:worker.port, HOST:worker.host, --cache:worker.cache, --quiet:worker.print=false",
            "balancer", "PORT:balancer.port,--cache:balancer.cache");

    private static RoleCommandLine parse(String... words) {
        return RoleCommandLine.parse(
                List.of(words),
                role -> Optional.ofNullable(ROLES.get(role)).map(text -> RoleArguments.parse(role, text)));
    }

    @Test
    void theWordsAfterARoleAreItsArguments() {
        RoleCommandLine line = parse("worker", "6000", "localhost");
        assertThat(line.roles()).containsExactly("worker");
        assertThat(line.values()).isEqualTo(Map.of("worker.port", "6000", "worker.host", "localhost"));
    }

    @Test
    void argumentsMayBeLeftOutAndTheNextRoleFollows() {
        RoleCommandLine line = parse("worker", "6000", "hub", "balancer", "5000");
        assertThat(line.roles()).containsExactly("worker", "hub", "balancer");
        assertThat(line.values()).isEqualTo(Map.of("worker.port", "6000", "balancer.port", "5000"));
    }

    @Test
    void anOptionBelongsToTheLastRoleBeforeItThatHasIt() {
        assertThat(parse("worker", "--cache", "5", "balancer", "--cache=6", "--quiet")
                        .values())
                .isEqualTo(Map.of("worker.cache", "5", "balancer.cache", "6", "worker.print", "false"));
    }

    @Test
    void aRoleNamedTwiceRunsOnce() {
        assertThat(parse("hub", "hub").roles()).containsExactly("hub");
    }

    @Test
    void whatIsNoRoleNoArgumentAndNoOptionIsRefusedWithTheUsage() {
        assertThatThrownBy(() -> parse("worker", "6000", "localhost", "more"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("no role 'more'")
                .hasMessageContaining("bactrian run worker [PORT] [HOST] [--cache VALUE] [--quiet]");
        assertThatThrownBy(() -> parse("hub", "--cache", "5")).hasMessageContaining("unknown option '--cache'");
        assertThatThrownBy(() -> parse("worker", "--cache")).hasMessageContaining("'--cache' needs a value");
        assertThatThrownBy(() -> parse("worker", "--quiet=5")).hasMessageContaining("'--quiet' takes no value");
        assertThatThrownBy(() -> RoleArguments.parse("worker", "PORT"))
                .hasMessageContaining("not of the form NAME:key");
    }
}
