package io.bactrian.app.management;

import org.jspecify.annotations.Nullable;

/**
 * The parts of a request that decide whether it is answered.
 *
 * @param method of HTTP, such as {@code GET}
 * @param path as it came, nothing in it decoded
 * @param host the header Host
 * @param origin the header Origin, which browsers send
 * @param fetchSite the header Sec-Fetch-Site, which browsers send
 * @param authorization the header Authorization
 * @param token the header {@link ManagementPolicy#TOKEN_HEADER}
 */
record ManagementRequest(
        String method,
        String path,
        @Nullable String host,
        @Nullable String origin,
        @Nullable String fetchSite,
        @Nullable String authorization,
        @Nullable String token) {}
