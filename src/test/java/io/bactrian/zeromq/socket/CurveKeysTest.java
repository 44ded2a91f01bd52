package io.bactrian.zeromq.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.ZMQ;

/** Keys and certificate files. */
class CurveKeysTest {
    /** Source: RFC 26/CURVEZMQ, its test vectors. */
    private static final String PUBLIC = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";

    private static final String SECRET = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";

    @TempDir
    Path folder;

    @Test
    void theSecretKeyTellsThePublicOne() {
        assertThat(CurveKeys.of(SECRET, null).publicKey().z85()).isEqualTo(PUBLIC);
        assertThat(CurveKeys.of(SECRET, PUBLIC)).isEqualTo(CurveKeys.of(SECRET, null));
        for (int i = 0; i < 10; i++) {
            ZMQ.Curve.KeyPair pair = ZMQ.Curve.generateKeyPair();
            assertThat(CurveKeys.of(pair.secretKey, null).publicKey().z85()).isEqualTo(pair.publicKey);
        }
    }

    @Test
    void aPublicKeyOfAnotherPairIsFound() {
        String other = CurveKeys.generate().publicKey().z85();
        assertThatThrownBy(() -> CurveKeys.of(SECRET, other))
                .hasMessageContaining("another public key")
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void hexadecimalIsTheSameKey() {
        String hex =
                HexFormat.of().formatHex(CurveKeys.of(SECRET, null).publicKey().octets());
        assertThat(CurveKey.parse(hex)).isEqualTo(new CurveKey(PUBLIC));
    }

    @Test
    void whatIsNoKeyIsRefusedWithoutShowingIt() {
        for (String text :
                new String[] {"", PUBLIC.substring(1), PUBLIC.replace('$', '"'), "g".repeat(64), "#####".repeat(8)}) {
            assertThatThrownBy(() -> CurveKey.parse(text))
                    .hasMessageContaining("is no key")
                    .hasMessageNotContaining(text.isEmpty() ? "\0" : text);
        }
    }

    @Test
    void generatedKeysCanStandInAPropertyFile() {
        for (int i = 0; i < 300; i++) {
            CurveKeys keys = CurveKeys.generate();
            for (String text : new String[] {keys.publicKey().z85(), keys.secretZ85()}) {
                assertThat(text).matches("[0-9A-Za-z].{39}").doesNotContain("{{", "}}");
            }
        }
    }

    @Test
    void noTextShowsTheSecretKey() {
        CurveKeys keys = CurveKeys.of(SECRET, null);
        assertThat(keys.toString()).contains(PUBLIC).doesNotContain(SECRET);
        assertThat(new Security.CurveServer(keys, null, null).toString()).doesNotContain(SECRET);
        assertThat(new Security.PlainClient("me", "hidden").toString()).doesNotContain("hidden");
    }

    @Test
    void aCertificateIsReadAsItWasWritten() throws Exception {
        CurveKeys keys = CurveKeys.generate();
        Path secret = folder.resolve("secret");
        Path open = folder.resolve("open");
        Files.writeString(secret, CurveCertificate.secretText(keys, Map.of("name", "a \"b\"\nc")));
        Files.writeString(open, CurveCertificate.publicText(keys.publicKey(), Map.of()));
        CurveCertificate read = CurveCertificate.read(secret);
        assertThat(read.keys()).isEqualTo(keys);
        assertThat(read.metadata()).containsEntry("name", "a  b  c");
        assertThat(CurveCertificate.read(open).publicKey()).isEqualTo(keys.publicKey());
        assertThat(CurveCertificate.read(open).keys()).isNull();
        assertThat(Files.readString(open)).doesNotContain(keys.secretZ85());
    }

    @Test
    void aCertificateOfCzmqIsRead() {
        CurveCertificate read = CurveCertificate.parse("""
                #   ****  Generated on 2026-01-01 by CZMQ  ****
                #   ZeroMQ CURVE **Secret** Certificate
                metadata
                    name = "with # sign"
                curve
                    public-key = "%s"
                    secret-key = "%s"
                """.formatted(PUBLIC, SECRET));
        assertThat(read.keys()).isEqualTo(CurveKeys.of(SECRET, null));
        assertThat(read.metadata()).containsEntry("name", "with # sign");
    }

    @Test
    void aFileThatIsNoCertificateIsNamed() throws Exception {
        Path file = folder.resolve("bad");
        for (String text : new String[] {
            "", "curve\n    secret-key = \"" + SECRET + "\"\n", "curve\n    public-key = \"" + PUBLIC, "\0\1\2"
        }) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> CurveCertificate.read(file))
                    .hasMessageContaining(file + " is no certificate")
                    .hasMessageNotContaining(SECRET);
        }
        Files.write(file, new byte[] {(byte) 0xFF, (byte) 0xFE});
        assertThatThrownBy(() -> CurveCertificate.read(file)).hasMessageContaining("is no certificate");
        Files.write(file, new byte[70_000]);
        assertThatThrownBy(() -> CurveCertificate.read(file)).hasMessageContaining("larger than");
    }
}
