package io.bactrian.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeadersTest {
    private static Map<String, String> unpacked(byte[] packed) {
        return Headers.unpack(packed, 0, packed.length);
    }

    @Test
    void anyTextComesBackInOrder() {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "text/plain; charset=utf-8");
        headers.put("empty", "");
        headers.put("größe ☃", "𝄞 = x\n");
        byte[] packed = Headers.pack(headers);
        assertThat(unpacked(packed)).isEqualTo(headers);
        assertThat(unpacked(packed).keySet()).containsExactlyElementsOf(headers.keySet());
        assertThat(unpacked(Headers.pack(Map.of()))).isEmpty();
        assertThat(unpacked(Headers.empty())).isEmpty();
    }

    @Test
    void theirBoundIsExact() {
        int overhead = 1 + 1 + 2;
        Map<String, String> most = Map.of("n", "v".repeat(Headers.BYTES_MAX - overhead));
        assertThat(unpacked(Headers.pack(most))).isEqualTo(most);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Headers.pack(Map.of("n", "v".repeat(Headers.BYTES_MAX - overhead + 1))))
                .withMessageContaining("65536 octets, at most 65535");
        Map<String, String> longest = Map.of("ä".repeat(127) + "n", "");
        assertThat(unpacked(Headers.pack(longest))).isEqualTo(longest);
        assertThatIllegalArgumentException().isThrownBy(() -> Headers.pack(Map.of("ä".repeat(128), "")));
    }

    @Test
    void whatIsNoTextOfTheWireIsRefusedWithItsName() {
        assertThatIllegalArgumentException().isThrownBy(() -> Headers.pack(Map.of("", "v")));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Headers.pack(Map.of("zero", "a\0b")))
                .withMessageContaining("zero");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Headers.pack(Map.of("half", "\ud800")))
                .withMessageContaining("half");
        assertThatIllegalArgumentException().isThrownBy(() -> unpacked(new byte[] {0, 9, 1}));
    }

    @Test
    void aBatchWithoutItsHeadersIsTheBatchThatNeverHadThem() throws Exception {
        for (boolean multipart : new boolean[] {false, true}) {
            BatchBuilder with = new BatchBuilder("p", "t", 4, 7).headers(true).multipart(multipart);
            BatchBuilder bare = new BatchBuilder("p", "t", 4, 7).multipart(multipart);
            for (int i = 0; i < 3; i++) {
                byte[] text = ("body " + i).getBytes(UTF_8);
                byte[] body = multipart ? Multipart.pack(List.of(text, new byte[0])) : text;
                with.append(i == 1 ? Headers.empty() : Headers.pack(Map.of("i", "" + i)), body, 0, body.length);
                bare.append(body);
            }
            Batch batch = Batch.parse(with.build().bytes(), Limits.DEFAULT);
            Batch plain = bare.build();
            assertThat(batch.hasHeaders()).isTrue();
            assertThat(batch.withoutHeaders().bytes()).isEqualTo(plain.bytes());
            assertThat(batch.slice(1, 3).withoutHeaders().bytes())
                    .isEqualTo(plain.slice(1, 3).bytes());
            assertThat(plain.withoutHeaders()).isSameAs(plain);
            assertThat(Vectors.headers(batch)).containsExactly(Map.of("i", "0"), Map.of(), Map.of("i", "2"));
        }
    }
}
