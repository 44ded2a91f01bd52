package io.bactrian.journal;

import io.bactrian.journal.log.JournalSettings;
import io.bactrian.journal.log.OnDamage;
import io.bactrian.journal.log.SyncMode;
import io.bactrian.support.config.NumberUnit;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.camel.spi.Configurer;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriParams;
import org.jspecify.annotations.Nullable;

/** Options of the journal itself: endpoints of the same name must agree where they give one. */
@UriParams
@Configurer(extended = true)
public class JournalConfiguration {

    @UriParam(description = "Folder of the journal. By default the folder with its name below the component's root.")
    private @Nullable String folder;

    @UriParam(
            defaultValue = "ALWAYS",
            description =
                    "When appends are forced to the disk: before they return, at an interval, or when a segment is"
                            + " closed. With INTERVAL and NEVER a power cut may lose what was not forced; a killed process loses"
                            + " nothing.")
    private @Nullable SyncMode sync;

    @UriParam(defaultValue = "100ms", description = "How long an append may stay unforced, with sync=INTERVAL.")
    private @Nullable Duration syncInterval;

    @UriParam(defaultValue = "64m", description = "A segment is closed when it would grow beyond this: 4k to 1g.")
    private @Nullable String segmentBytes;

    @UriParam(defaultValue = "32m", description = "Payload of the newest entries that is kept in memory for readers.")
    private @Nullable String tailBytes;

    @UriParam(defaultValue = "16m", description = "The largest entry that is taken, up to 512m.")
    private @Nullable String entryBytesMax;

    @UriParam(
            label = "retention",
            description = "Segments whose newest entry is older are deleted, but none that a cursor has not passed."
                    + " Without it nothing is deleted for its age.")
    private @Nullable Duration retentionAge;

    @UriParam(
            label = "retention",
            description = "The oldest segments are deleted while the journal is larger, but none that a cursor has not"
                    + " passed. Without it nothing is deleted for its size.")
    private @Nullable String retentionBytes;

    @UriParam(
            label = "advanced",
            defaultValue = "100ms",
            description = "How long the file of a cursor may lag behind what was processed.")
    private @Nullable Duration cursorInterval;

    @UriParam(
            label = "advanced",
            defaultValue = "STOP",
            enums = "STOP,SKIP",
            description =
                    "What a consumer does at entries that the disk has damaged. STOP: it waits until the journal is"
                            + " repaired. SKIP: it goes on after them, and the next Exchange says in headers what is lost.")
    private @Nullable OnDamage onDamage;

    /** The options that are given, by name. */
    Map<String, Object> given() {
        Map<String, Object> given = new TreeMap<>();
        put(given, "folder", folder);
        put(given, "sync", sync);
        put(given, "syncInterval", syncInterval);
        put(given, "segmentBytes", segmentBytes);
        put(given, "tailBytes", tailBytes);
        put(given, "entryBytesMax", entryBytesMax);
        put(given, "retentionAge", retentionAge);
        put(given, "retentionBytes", retentionBytes);
        put(given, "cursorInterval", cursorInterval);
        put(given, "onDamage", onDamage);
        return given;
    }

    private static void put(Map<String, Object> given, String key, @Nullable Object value) {
        if (value != null) {
            given.put(key, value);
        }
    }

    /** Takes over what another endpoint has given and this one has not. */
    void complete(JournalConfiguration other) {
        folder = folder == null ? other.folder : folder;
        sync = sync == null ? other.sync : sync;
        syncInterval = syncInterval == null ? other.syncInterval : syncInterval;
        segmentBytes = segmentBytes == null ? other.segmentBytes : segmentBytes;
        tailBytes = tailBytes == null ? other.tailBytes : tailBytes;
        entryBytesMax = entryBytesMax == null ? other.entryBytesMax : entryBytesMax;
        retentionAge = retentionAge == null ? other.retentionAge : retentionAge;
        retentionBytes = retentionBytes == null ? other.retentionBytes : retentionBytes;
        cursorInterval = cursorInterval == null ? other.cursorInterval : cursorInterval;
        onDamage = onDamage == null ? other.onDamage : onDamage;
    }

    /** The settings, with defaults for what is not given. */
    JournalSettings settings() {
        JournalSettings.Builder builder = JournalSettings.builder().retentionAge(retentionAge);
        if (onDamage != null) {
            builder.onDamage(onDamage);
        }
        if (sync != null) {
            builder.sync(sync);
        }
        if (syncInterval != null) {
            builder.syncInterval(syncInterval);
        }
        if (segmentBytes != null) {
            builder.segmentBytes(NumberUnit.SIZE.parseInt("segmentBytes", segmentBytes));
        }
        if (tailBytes != null) {
            builder.tailBytes(NumberUnit.SIZE.parse("tailBytes", tailBytes));
        }
        if (entryBytesMax != null) {
            builder.maxEntryBytes(NumberUnit.SIZE.parseInt("entryBytesMax", entryBytesMax));
        }
        if (retentionBytes != null) {
            builder.retentionBytes(NumberUnit.SIZE.parse("retentionBytes", retentionBytes));
        }
        if (cursorInterval != null) {
            builder.cursorInterval(cursorInterval);
        }
        return builder.build();
    }

    public @Nullable String getFolder() {
        return folder;
    }

    public void setFolder(@Nullable String folder) {
        this.folder = folder;
    }

    public @Nullable SyncMode getSync() {
        return sync;
    }

    public void setSync(@Nullable SyncMode sync) {
        this.sync = sync;
    }

    public @Nullable Duration getSyncInterval() {
        return syncInterval;
    }

    public void setSyncInterval(@Nullable Duration syncInterval) {
        this.syncInterval = syncInterval;
    }

    public @Nullable String getSegmentBytes() {
        return segmentBytes;
    }

    public void setSegmentBytes(@Nullable String segmentBytes) {
        this.segmentBytes = segmentBytes;
    }

    public @Nullable String getTailBytes() {
        return tailBytes;
    }

    public void setTailBytes(@Nullable String tailBytes) {
        this.tailBytes = tailBytes;
    }

    public @Nullable String getEntryBytesMax() {
        return entryBytesMax;
    }

    public void setEntryBytesMax(@Nullable String entryBytesMax) {
        this.entryBytesMax = entryBytesMax;
    }

    public @Nullable Duration getRetentionAge() {
        return retentionAge;
    }

    public void setRetentionAge(@Nullable Duration retentionAge) {
        this.retentionAge = retentionAge;
    }

    public @Nullable String getRetentionBytes() {
        return retentionBytes;
    }

    public void setRetentionBytes(@Nullable String retentionBytes) {
        this.retentionBytes = retentionBytes;
    }

    public @Nullable OnDamage getOnDamage() {
        return onDamage;
    }

    public void setOnDamage(@Nullable OnDamage onDamage) {
        this.onDamage = onDamage;
    }

    public @Nullable Duration getCursorInterval() {
        return cursorInterval;
    }

    public void setCursorInterval(@Nullable Duration cursorInterval) {
        this.cursorInterval = cursorInterval;
    }
}
