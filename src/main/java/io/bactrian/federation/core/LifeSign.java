package io.bactrian.federation.core;

import org.jspecify.annotations.Nullable;

/**
 * The life sign that the active process of a pair leaves in a field device, as the other one reads it there: a second channel
 * beside the link of the pair. What is not read, or was not looked at for a while, says nothing. For one thread.
 */
final class LifeSign {
    private final long silentMs;
    private @Nullable String value;
    private long changedMs;
    private long readMs;

    LifeSign(long silentMs) {
        this.silentMs = silentMs;
    }

    /** What the device has now; null if it was not read. */
    void read(@Nullable String now, long nowMs) {
        if (now == null) {
            value = null;
            return;
        }
        if (!now.equals(value) || nowMs < readMs || nowMs - readMs > silentMs) {
            changedMs = nowMs;
        }
        value = now;
        readMs = nowMs;
    }

    /** Whether the device is read. */
    boolean readable(long nowMs) {
        return value != null && nowMs - readMs <= silentMs;
    }

    /** Whether somebody goes on writing it; also at first, until it could have been seen to stand still. */
    boolean goesOn(long nowMs) {
        return readable(nowMs) && nowMs - changedMs <= silentMs;
    }

    /** Whether nobody writes it any more. */
    boolean still(long nowMs) {
        return readable(nowMs) && nowMs - changedMs > silentMs;
    }
}
