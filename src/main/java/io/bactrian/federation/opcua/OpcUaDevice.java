package io.bactrian.federation.opcua;

import io.bactrian.federation.device.DeviceDesk;
import io.bactrian.federation.device.Point;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Variable;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.jspecify.annotations.Nullable;

/** The bean of the routes to a field device by OPC UA: makes values of OPC UA from those of the state, and back. Any thread. */
public final class OpcUaDevice {
    /** The variable of the Exchange that holds the points that are read. */
    public static final String POINTS = "points";

    private final DeviceDesk desk;

    OpcUaDevice(DeviceDesk desk) {
        this.desk = desk;
    }

    /** The node ids of the points that are to be read. */
    public List<String> nodeIds(@Variable(POINTS) List<Point> wanted) {
        return wanted.stream().map(Point::address).toList();
    }

    /** Finds the changes among the values that were read. */
    public List<DeviceDesk.Change> changes(@Variable(POINTS) List<Point> wanted, @Body @Nullable Object body) {
        if (!(body instanceof List<?> values) || values.size() != wanted.size()) {
            throw new IllegalStateException("the device has not answered");
        }
        Map<Point, Object> good = new LinkedHashMap<>();
        for (int i = 0; i < values.size(); i++) {
            if (values.get(i) instanceof DataValue value && !value.statusCode().isBad()) {
                Object content = value.value().value();
                if (content != null) {
                    good.put(wanted.get(i), content);
                }
            }
        }
        return desk.took(good);
    }

    /** A value as the device takes it. */
    public Variant variant(@Header(DeviceDesk.POINT) Point point, @Body Object value) {
        return switch (point.type()) {
            case BOOLEAN -> Variant.ofBoolean((Boolean) value);
            case INT16 -> Variant.ofInt16(((Long) value).shortValue());
            case UINT16 -> Variant.ofUInt16(UShort.valueOf(((Long) value).intValue()));
            case INT32 -> Variant.ofInt32(((Long) value).intValue());
            case UINT32 -> Variant.ofUInt32(UInteger.valueOf((Long) value));
            case INT64 -> Variant.ofInt64((Long) value);
            case FLOAT -> Variant.ofFloat((Float) value);
            case DOUBLE -> Variant.ofDouble((Double) value);
            case STRING -> Variant.ofString((String) value);
        };
    }

    /** Fails unless the device has taken what was written. */
    public void written(@Body @Nullable Object answer) {
        if (!(answer instanceof StatusCode code) || !code.isGood()) {
            throw new IllegalStateException(answer == null ? "it is not reached" : answer.toString());
        }
    }
}
