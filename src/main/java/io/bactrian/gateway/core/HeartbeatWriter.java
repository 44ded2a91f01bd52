package io.bactrian.gateway.core;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;

/** Writes JSON: heartbeats, and answers of one or two fields. Any thread. */
public final class HeartbeatWriter {
    private static final JsonFactory JSON = new JsonFactory();

    private HeartbeatWriter() {}

    /** A heartbeat as {@code {"id":1,"location":"lab","address":"127.0.0.1","timestamp":"2026-01-01T00:00:00Z","data":...}}. */
    public static String write(Heartbeat heartbeat) {
        StringWriter text = new StringWriter(heartbeat.data().length() + 128);
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("id", heartbeat.id());
            json.writeStringField("location", heartbeat.location());
            json.writeStringField("address", heartbeat.address());
            json.writeStringField(
                    "timestamp", Instant.ofEpochMilli(heartbeat.receivedMs()).toString());
            json.writeFieldName("data");
            json.writeRawValue(heartbeat.data());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write to memory", e);
        }
        return text.toString();
    }

    /** A heartbeat as a producer posts it: id, location and data. */
    public static String post(Heartbeat heartbeat) {
        StringWriter text = new StringWriter(heartbeat.data().length() + 64);
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("id", heartbeat.id());
            json.writeStringField("location", heartbeat.location());
            json.writeFieldName("data");
            json.writeRawValue(heartbeat.data());
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write to memory", e);
        }
        return text.toString();
    }

    /** An answer that is a sentence or an address, as {@code {"status":200,"message":"..."}}. */
    public static String write(int status, String field, String value) {
        StringWriter text = new StringWriter(value.length() + 40);
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeNumberField("status", status);
            json.writeStringField(field, value);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write to memory", e);
        }
        return text.toString();
    }
}
