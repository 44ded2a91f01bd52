package io.bactrian.federation.device;

import io.bactrian.support.context.ContextLife;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.plc4x.java.DefaultPlcDriverManager;
import org.apache.plc4x.java.api.PlcConnection;
import org.apache.plc4x.java.api.exceptions.PlcConnectionException;
import org.apache.plc4x.java.api.messages.PlcReadRequest;
import org.apache.plc4x.java.api.messages.PlcReadResponse;
import org.apache.plc4x.java.api.messages.PlcWriteResponse;
import org.apache.plc4x.java.api.types.PlcResponseCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean of the routes to a field device by Modbus TCP: one connection, which is opened when it is needed and closed when the
 * device does not answer. Thread-safe; a call waits for the one before it.
 */
public final class ModbusDevice extends ContextLife {
    private static final Logger LOG = LoggerFactory.getLogger(ModbusDevice.class);

    private final DeviceDesk desk;
    private final String url;
    private final long timeoutMs;
    private final DefaultPlcDriverManager drivers = new DefaultPlcDriverManager();
    private @Nullable PlcConnection connection;

    /**
     * A device that is not connected yet.
     *
     * @param address the host and the port
     * @param unit the unit id
     * @param timeoutMs how long an answer may take
     */
    ModbusDevice(DeviceDesk desk, String address, int unit, long timeoutMs) {
        if (!address.matches("\\[?[A-Za-z0-9_.:-]+]?:[0-9]{1,5}")) {
            throw new IllegalArgumentException(
                    "bactrian.device.address = '" + address + "': give the host and port of the device, 10.0.0.9:502");
        }
        this.desk = desk;
        this.timeoutMs = timeoutMs;
        this.url = "modbus-tcp://" + address + "?request-timeout=" + timeoutMs + "&unit-identifier=" + unit;
    }

    /** Reads what is wanted now, and gives what has changed. */
    public synchronized List<DeviceDesk.Change> changes() throws Exception {
        List<Point> wanted = desk.wanted();
        PlcReadRequest.Builder request = connected().readRequestBuilder();
        for (int i = 0; i < wanted.size(); i++) {
            request.addTagAddress("p" + i, tag(wanted.get(i)));
        }
        Map<Point, Object> good = new LinkedHashMap<>();
        if (!wanted.isEmpty()) {
            PlcReadResponse answer = answered(request.build().execute());
            for (int i = 0; i < wanted.size(); i++) {
                if (answer.getResponseCode("p" + i) == PlcResponseCode.OK) {
                    good.put(wanted.get(i), answer.getObject("p" + i));
                }
            }
            if (good.isEmpty()) {
                throw new IllegalStateException(
                        "it has refused " + wanted.get(0).address() + " and all else: " + answer.getResponseCode("p0"));
            }
        }
        return desk.took(good);
    }

    /** Writes a value; fails unless the device has taken it. */
    public synchronized void write(@Header(DeviceDesk.POINT) Point point, @Body Object value) throws Exception {
        PlcWriteResponse answer = answered(connected()
                .writeRequestBuilder()
                .addTagAddress("p", tag(point), value)
                .build()
                .execute());
        if (answer.getResponseCode("p") != PlcResponseCode.OK) {
            throw new IllegalStateException("it has answered " + answer.getResponseCode("p"));
        }
    }

    private PlcConnection connected() throws PlcConnectionException {
        PlcConnection known = connection;
        if (known == null || !known.isConnected()) {
            drop();
            known = drivers.getConnection(url);
            connection = known;
        }
        return known;
    }

    private <T> T answered(CompletableFuture<? extends T> answer) throws Exception {
        try {
            return answer.get(timeoutMs, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // What comes late would be taken for the answer to the next question.
            drop();
            throw new IllegalStateException("it does not answer within " + timeoutMs + " ms", e);
        }
    }

    private void drop() {
        PlcConnection known = connection;
        connection = null;
        if (known != null) {
            try {
                known.close();
            } catch (Exception e) {
                LOG.debug("the connection to {} was not closed", url, e);
            }
        }
    }

    /** The address of a point as the driver has it. */
    private static String tag(Point point) {
        String type = switch (point.type()) {
            case BOOLEAN -> "BOOL";
            case INT16 -> "INT";
            case UINT16 -> "UINT";
            case INT32 -> "DINT";
            case UINT32 -> "UDINT";
            case INT64 -> "LINT";
            case FLOAT -> "REAL";
            case DOUBLE -> "LREAL";
            case STRING ->
                throw new IllegalArgumentException("Modbus has no texts: give another type for " + point.key());
        };
        return point.address() + ":" + type;
    }

    @Override
    protected synchronized void lifeEnds() {
        drop();
    }
}
