package io.bactrian.zeromq;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.zeromq.socket.CurveCertificate;
import io.bactrian.zeromq.socket.CurveKeys;
import io.bactrian.zeromq.socket.Security;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What of the security options goes together, and what the error says where it does not. */
class SecurityOptionsTest {
    private static final CurveKeys KEYS = UriKeys.generate();
    private static final CurveKeys OTHER = UriKeys.generate();

    @TempDir
    Path folder;

    private final org.apache.camel.impl.DefaultCamelContext context = ZeroMqTest.context();

    @BeforeEach
    void write() throws Exception {
        Files.writeString(folder.resolve("secret"), CurveCertificate.secretText(KEYS, Map.of()));
        Files.writeString(folder.resolve("public"), CurveCertificate.publicText(KEYS.publicKey(), Map.of()));
        Files.writeString(folder.resolve("users"), "");
        Files.createDirectory(folder.resolve("clients"));
        context.start();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private Security security(String uri) {
        String filled = uri.replace("$K", KEYS.secretZ85())
                .replace("$P", KEYS.publicKey().z85())
                .replace("$O", OTHER.publicKey().z85())
                .replace("$F", folder.toString());
        return ZeroMqSettings.of(
                        context.getEndpoint(filled, ZeroMqEndpoint.class).getConfiguration())
                .security();
    }

    @Test
    void theSideThatBindsIsTheServerUnlessItKnowsOne() {
        assertThat(security("zeromq:pull:tcp://*:*?security=curve&curveKeyFile=$F/secret&curveClientKeys=$F/clients"))
                .isEqualTo(new Security.CurveServer(KEYS, folder.resolve("clients"), null));
        assertThat(security("zeromq:push:tcp://h:1?security=curve&curveSecretKey=RAW($K)&curvePublicKey=RAW($P)"
                        + "&curveServerKeyFile=$F/public"))
                .isEqualTo(new Security.CurveClient(KEYS, KEYS.publicKey()));
        assertThat(security("zeromq:pull:tcp://*:*?security=curve&curveKeyFile=$F/secret&curveServerKey=RAW($O)"))
                .isEqualTo(new Security.CurveClient(KEYS, OTHER.publicKey()));
        assertThat(security("zeromq:push:tcp://h:1?security=curve&curveServer=true&curveKeyFile=$F/secret"
                        + "&curveAllowAnyClient=true&zapDomain=mine"))
                .isEqualTo(new Security.CurveServer(KEYS, null, "mine"));
        assertThat(security("zeromq:pull:tcp://*:*?security=plain&plainUsers=$F/users&zapDomain=mine"))
                .isEqualTo(new Security.PlainServer(folder.resolve("users"), "mine"));
        assertThat(security("zeromq:pull:tcp://*:*?security=plain&plainUsername=a&plainPassword=b"))
                .isEqualTo(new Security.PlainClient("a", "b"));
        assertThat(security("zeromq:pull:tcp://*:*")).isEqualTo(Security.none());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "curveSecretKey=RAW($K) | curveSecretKey is set, so set security=curve or remove it",
                "curveAllowAnyClient=true | curveAllowAnyClient is set, so set security=curve or remove it",
                "plainUsers=$F/users | plainUsers is set, so set security=plain or remove it",
                "zapDomain=x | zapDomain is set, so set security=plain or security=curve or remove it",
                "security=plain | security=plain needs plainUsers at the server, or plainUsername and plainPassword",
                "security=plain&plainUsername=a | or plainUsername and plainPassword at a client",
                "security=plain&plainUsers=$F/none | plainUsers=$F/none cannot be read, it must be a file of lines user:hash",
                "security=plain&plainUsers=$F/users&plainUsername=a | remove the one or the others",
                "security=plain&plainUsers=$F/users&curveKeyFile=x | curveKeyFile is set, so set security=curve or remove it",
                "security=plain&plainUsername=a&plainPassword=b&zapDomain=x | zapDomain is for a server, remove it",
                "security=curve&curveAllowAnyClient=true | set curveKeyFile to a file of bactrian keygen, or curveSecretKey",
                "security=curve&curveKeyFile=$F/secret | set curveClientKeys to the folder of the clients' certificates, or curveAllowAnyClient=true",
                "security=curve&curveKeyFile=$F/public&curveAllowAnyClient=true | has no secret-key, it must be the secret certificate",
                "security=curve&curveKeyFile=$F/none&curveAllowAnyClient=true | curveKeyFile=$F/none cannot be used: there is no such file",
                "security=curve&curveKeyFile=$F/secret&curveSecretKey=RAW($K)&curveAllowAnyClient=true | curveKeyFile holds both keys, remove it or",
                "security=curve&curveSecretKey=RAW($K)&curvePublicKey=RAW($O)&curveAllowAnyClient=true | another public key",
                "security=curve&curveSecretKey=short&curveAllowAnyClient=true | is no key: it must have 40 characters",
                "security=curve&curveKeyFile=$F/secret&curveClientKeys=$F/none | curveClientKeys=$F/none must be a folder",
                "security=curve&curveKeyFile=$F/secret&curveClientKeys=$F/clients&curveAllowAnyClient=true | contradict each other, remove one",
                "security=curve&curveServer=true&curveKeyFile=$F/secret&curveAllowAnyClient=true&curveServerKey=RAW($P) | curveServerKey is for a client",
                "security=curve&curveServer=false&curveKeyFile=$F/secret | a CURVE client must know its server: set curveServerKey",
                "security=curve&curveServer=false&curveKeyFile=$F/secret&curveServerKey=RAW($P)&curveServerKeyFile=$F/public | both set, remove one",
                "security=curve&curveServer=false&curveKeyFile=$F/secret&curveServerKey=x | curveServerKey is no key",
                "security=curve&curveServer=false&curveKeyFile=$F/secret&curveServerKey=RAW($P)&curveClientKeys=$F | curveClientKeys is for a server",
                "security=curve&curveServer=false&curveKeyFile=$F/secret&curveServerKey=RAW($P)&curveAllowAnyClient=true | curveAllowAnyClient is for a server",
                "security=curve&curveKeyFile=$F/secret&curveAllowAnyClient=true&plainPassword=x | plainPassword is set, so set security=plain or remove it",
                "security=curve&curveKeyFile=$F/secret&curveAllowAnyClient=true&zapDomain=ä | zapDomain must have 1 to 255 ASCII characters",
                "security=curve&curveKeyFile=$F/secret&curveAllowAnyClient=true&curveBacklogBytes=1 | curveBacklogBytes=1 must be at least 1048576",
            })
    void aContradictionSaysWhatToChange(String options, String message) {
        assertThatThrownBy(() -> security("zeromq:pull:tcp://*:*?" + options))
                .hasMessageContaining(message.replace("$F", folder.toString()))
                .hasMessageNotContaining(KEYS.secretZ85());
    }

    @Test
    void whatJeroMqCannotCarryIsRefusedAtOnce() {
        String client = "zeromq:dealer:tcp://h:1?security=";
        String curve = client + "curve&curveKeyFile=$F/secret&curveServerKey=RAW($P)&routingId=";
        security(curve + "r".repeat(200));
        assertThatThrownBy(() -> security(curve + "r".repeat(201)))
                .hasMessageContaining("routingId must have at most 200");
        String plain = client + "plain&plainUsername=a&plainPassword=";
        security(plain + "p".repeat(127));
        assertThatThrownBy(() -> security(plain + "p".repeat(128)))
                .hasMessageContaining("plainPassword must have at most 127 octets");
    }

    @Test
    void whatDoesNotLeaveTheProcessIsNotSecured() {
        for (String options :
                List.of("plain&plainUsers=$F/users", "curve&curveKeyFile=$F/secret&curveAllowAnyClient=true")) {
            assertThatThrownBy(() -> security("zeromq:pull:inproc://a?security=" + options))
                    .hasMessageContaining("is not for inproc addresses, set security=none");
        }
    }
}
