package io.bactrian.zeromq;

import io.bactrian.zeromq.socket.CurveKeys;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Keys whose Z85 Camel carries within {@code RAW()}, which are 99 of 100. */
final class UriKeys {
    private static final Pattern NOT_CARRIED = Pattern.compile("%[0-9a-fA-F]{2}|\\)&|\\{\\{|\\$[KPOF]");

    private UriKeys() {}

    /** New ones; what {@link SecurityOptionsTest} takes for its own marks is not in them either. */
    static CurveKeys generate() {
        return Stream.generate(CurveKeys::generate)
                .filter(keys -> !NOT_CARRIED
                        .matcher(keys.secretZ85() + " " + keys.publicKey().z85())
                        .find())
                .findFirst()
                .orElseThrow();
    }
}
