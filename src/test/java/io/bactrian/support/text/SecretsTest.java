package io.bactrian.support.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "zeromq:dealer:tcp://x:1?plainPassword=geheim&linger=1",
                "zeromq:dealer:tcp://x:1?plainPassword=RAW(a&geheim b)&linger=1",
                "zeromq:dealer:tcp://x:1?plainPassword=RAW{(geheim)}&linger=1",
                "zeromq:dealer:tcp://x:1?plainPassword=RAW(a)geheim)&linger=1",
                "zeromq:dealer:tcp://x:1?plainPassword=RAW{a}geheim}",
                "zeromq:dealer:tcp://x:1?plainPassword=a,geheim&linger=1",
                "zeromq:dealer:tcp://x:1?plainPassword=a;b'geheim)geheim]geheim}geheim&linger=1",
                "bactrian:t?curveSecretKey=geheim",
                "jdbc:postgresql://anna:a@geheim@host/db",
                "jdbc:h2:file:./x;PASSWORD=geheim;USER=a",
                "jdbc:postgresql://anna:geheim@host/db",
                "the connection attempt failed: anna:geheim@127.0.0.1",
                "jdbc:postgresql://host/db?user=a&password=geheim",
                "bactrian.hub.database.password = geheim (--set)",
                "{plainPassword=geheim, linger=1}",
            })
    void aSecretIsHidden(String text) {
        assertThat(Secrets.hide(text)).doesNotContain("geheim").contains(Secrets.HIDDEN);
    }

    @Test
    void whatIsNoSecretStays() {
        String text = "zeromq:dealer:tcp://[::1]:5570?curveKeyFile=keys/a.key_secret&linger=1 password is wrong";
        assertThat(Secrets.hide(text)).isEqualTo(text);
    }
}
