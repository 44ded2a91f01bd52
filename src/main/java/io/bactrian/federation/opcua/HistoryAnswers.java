package io.bactrian.federation.opcua;

import io.bactrian.federation.core.HistoryRecord;
import io.bactrian.federation.routes.HistoryStore;
import io.bactrian.federation.routes.HistoryStore.Place;
import io.bactrian.wire.FrameReader;
import io.bactrian.wire.FrameWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryData;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRawModifiedDetails;
import org.jspecify.annotations.Nullable;

/**
 * Raw values of the past: the series that is named like the key. A continuation point says by itself where to go on, so there
 * is nothing to remember or to release. Any thread. Source: OPC 10000-11, 6.4.3.
 */
final class HistoryAnswers {
    private final HistoryStore store;
    private final EncodingContext encoding;
    private final int valuesMax;

    HistoryAnswers(HistoryStore store, EncodingContext encoding, int valuesMax) {
        this.store = store;
        this.encoding = encoding;
        this.valuesMax = valuesMax;
    }

    /** The answer about one node. */
    HistoryReadResult read(HistoryReadDetails details, HistoryReadValueId value) {
        try {
            if (!(details instanceof ReadRawModifiedDetails raw) || raw.getIsReadModified()) {
                throw new UaException(StatusCodes.Bad_HistoryOperationUnsupported);
            }
            String key = String.valueOf(value.getNodeId().getIdentifier());
            return read(key, raw, value.getContinuationPoint());
        } catch (UaException e) {
            return new HistoryReadResult(e.getStatusCode(), null, null);
        }
    }

    private HistoryReadResult read(String key, ReadRawModifiedDetails raw, @Nullable ByteString continuation)
            throws UaException {
        Long start = ms(raw.getStartTime());
        Long end = ms(raw.getEndTime());
        long asked = raw.getNumValuesPerNode() == null
                ? 0
                : raw.getNumValuesPerNode().longValue();
        int given = (start == null ? 0 : 1) + (end == null ? 0 : 1) + (asked == 0 ? 0 : 1);
        if (given < 2) {
            throw new UaException(StatusCodes.Bad_InvalidArgument, "two of start, end and number are needed");
        }
        boolean back = start == null || (end != null && start > end);
        Place from = continuation == null || continuation.isNullOrEmpty()
                ? first(start, end, back)
                : place(continuation.bytesOrEmpty());
        long until = back ? (start == null || end == null ? Long.MIN_VALUE : end) : end == null ? Long.MAX_VALUE : end;
        int limit = (int) Math.min(asked == 0 ? valuesMax : asked, valuesMax);
        List<HistoryRecord> found = store.series(key, from, until, back, limit + 1);
        boolean more = found.size() > limit;
        List<HistoryRecord> page = more ? found.subList(0, limit) : found;
        List<DataValue> values = new ArrayList<>(page.size() + 2);
        boolean bounds = raw.getReturnBounds();
        if (bounds && start != null && end != null && (continuation == null || continuation.isNullOrEmpty())) {
            bound(key, start, !back, true).ifPresent(values::add);
        }
        page.forEach(item -> values.add(value(item)));
        if (bounds && start != null && end != null && !more) {
            bound(key, end, back, false).ifPresent(values::add);
        }
        ByteString next = more ? ByteString.of(octets(Place.of(page.get(page.size() - 1)))) : ByteString.NULL_VALUE;
        StatusCode status = values.isEmpty() ? new StatusCode(StatusCodes.Good_NoData) : StatusCode.GOOD;
        return new HistoryReadResult(
                status, next, ExtensionObject.encode(encoding, new HistoryData(values.toArray(DataValue[]::new))));
    }

    /** The next value at or outside a bound; none if {@code inPage} and it lies at the bound, as it is in the page then. */
    private Optional<DataValue> bound(String key, long atMs, boolean earlier, boolean inPage) {
        List<HistoryRecord> found = earlier
                ? store.series(key, new Place(atMs + 1, "", -1), Long.MIN_VALUE, true, 1)
                : store.series(key, new Place(atMs, "", -1), Long.MAX_VALUE, false, 1);
        if (found.isEmpty()) {
            DateTime time = new DateTime(Instant.ofEpochMilli(atMs));
            return Optional.of(
                    new DataValue(Variant.NULL_VALUE, new StatusCode(StatusCodes.Bad_BoundNotFound), time, time));
        }
        return inPage && found.get(0).atMs() == atMs ? Optional.empty() : Optional.of(value(found.get(0)));
    }

    private static Place first(@Nullable Long start, @Nullable Long end, boolean back) {
        if (back) {
            long latest = start != null ? start : end != null ? end : Long.MAX_VALUE - 1;
            return new Place(latest + 1, "", -1);
        }
        return new Place(start == null ? 0 : start, "", -1);
    }

    private static @Nullable Long ms(@Nullable DateTime time) {
        return time == null || time.getUtcTime() == 0 ? null : time.getJavaTime();
    }

    private static DataValue value(HistoryRecord item) {
        Variant value = Double.isNaN(item.value()) ? Variant.ofString(item.text()) : Variant.ofDouble(item.value());
        DateTime time = new DateTime(Instant.ofEpochMilli(item.atMs()));
        return new DataValue(value, StatusCode.GOOD, time, time);
    }

    private static byte[] octets(Place place) {
        return new FrameWriter(64)
                .u64(place.atMs())
                .utf(place.origin())
                .u64(place.number())
                .done();
    }

    private static Place place(byte[] octets) throws UaException {
        FrameReader<UaException> in = new FrameReader<>(
                octets, 0, octets.length, text -> new UaException(StatusCodes.Bad_ContinuationPointInvalid, text));
        return new Place(in.bits64(), in.utf(), in.bits64());
    }
}
