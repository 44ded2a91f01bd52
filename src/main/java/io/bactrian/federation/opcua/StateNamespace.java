package io.bactrian.federation.opcua;

import io.bactrian.federation.core.StateEntry;
import io.bactrian.federation.core.Topology;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.server.AccessContext;
import org.eclipse.milo.opcua.sdk.server.ManagedNamespaceWithLifecycle;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredDataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MonitoringMode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteValue;
import org.jspecify.annotations.Nullable;

/**
 * The state as nodes of OPC UA. Monitored items hear of each change as it comes, and are not sampled. Thread-safe.
 */
final class StateNamespace extends ManagedNamespaceWithLifecycle {
    /** The owner is away, and this is the last value that it has set. */
    static final StatusCode STALE = new StatusCode(StatusCodes.Uncertain_NoCommunicationLastUsableValue);

    private static final UByte READ_ONLY = AccessLevel.toValue(AccessLevel.CurrentRead, AccessLevel.HistoryRead);

    /** What clients ask of the state. */
    interface Desk {
        /** What comes of the values that a client writes, in their order. */
        List<StatusCode> write(AccessContext context, List<WriteValue> values);

        /** What is known of the past, in the order of the values. */
        List<HistoryReadResult> history(HistoryReadDetails details, List<HistoryReadValueId> values);

        /** Whether a client may write. */
        boolean mayWrite(AccessContext context);

        /** A client has told this server, and not the other one, to report changes. */
        void reporting();

        /** The bound on nodes is reached: the key is not served. */
        void full(String key);
    }

    /** A key that is served. */
    private record Served(StateEntry entry, Variant value, boolean stale) {
        private DataValue dataValue() {
            long changedMs = entry.changedMs();
            DateTime time = changedMs == 0 ? null : new DateTime(Instant.ofEpochMilli(changedMs));
            return new DataValue(value, stale ? STALE : StatusCode.GOOD, time, null);
        }
    }

    private final List<String> subtrees;
    private final int queueMax;
    private final Desk desk;
    private final StateTree tree;
    private final Map<String, Served> served = new LinkedHashMap<>();
    private final Map<NodeId, Set<DataItem>> items = new ConcurrentHashMap<>();
    private Predicate<StateEntry> stale = entry -> false;

    StateNamespace(OpcUaServer server, String federation, OpcUaSettings settings, Desk desk) {
        super(server, "urn:bactrian:federation:" + federation + ":state");
        this.subtrees = settings.subtrees();
        this.queueMax = settings.queueMax();
        this.desk = desk;
        this.tree = new StateTree(getNodeContext(), getNamespaceIndex(), federation, settings.nodesMax());
    }

    /** Takes a change of the state. */
    synchronized void apply(StateEntry entry) {
        String key = entry.key();
        if (!subtrees.isEmpty() && subtrees.stream().noneMatch(subtree -> Topology.within(key, subtree))) {
            return;
        }
        Served known = served.get(key);
        if (entry.deleted()) {
            if (served.remove(key) != null) {
                tree.remove(key);
                push(key, new DataValue(Variant.NULL_VALUE, new StatusCode(StatusCodes.Bad_NodeIdUnknown), null, null));
            }
        } else if (known == null && !tree.hasRoom(key)) {
            desk.full(key);
        } else if (known == null || !known.entry().version().equals(entry.version())) {
            set(new Served(entry, StateValues.variant(entry.text()), stale.test(entry)));
        }
    }

    private void set(Served now) {
        String key = now.entry().key();
        served.put(key, now);
        tree.put(key, now.dataValue(), StateValues.dataType(now.value()));
        push(key, now.dataValue());
    }

    private void push(String key, DataValue value) {
        for (DataItem item : items.getOrDefault(tree.nodeId(key), Set.of())) {
            item.setValue(value);
        }
    }

    /** Tells of which keys the owner is away. */
    synchronized void stale(Predicate<StateEntry> away) {
        stale = away;
        for (Served known : List.copyOf(served.values())) {
            boolean now = away.test(known.entry());
            if (now != known.stale()) {
                set(new Served(known.entry(), known.value(), now));
            }
        }
    }

    /** How many keys are served. */
    synchronized int size() {
        return served.size();
    }

    /** What a key has now, null if it is not served. */
    synchronized @Nullable Variant value(String key) {
        Served known = served.get(key);
        return known == null ? null : known.value();
    }

    @Override
    public List<DataValue> read(
            ReadContext context, Double maxAge, TimestampsToReturn timestamps, List<ReadValueId> values) {
        List<DataValue> found = super.read(context, maxAge, timestamps, values);
        if (desk.mayWrite(context)) {
            return found;
        }
        for (int i = 0; i < found.size(); i++) {
            boolean access =
                    AttributeId.UserAccessLevel.uid().equals(values.get(i).getAttributeId());
            if (access && found.get(i).statusCode().isGood()) {
                found.set(i, new DataValue(Variant.ofByte(READ_ONLY)));
            }
        }
        return found;
    }

    @Override
    public List<StatusCode> write(WriteContext context, List<WriteValue> values) {
        return desk.write(context, values);
    }

    @Override
    public List<HistoryReadResult> historyRead(
            HistoryReadContext context,
            HistoryReadDetails details,
            TimestampsToReturn timestamps,
            List<HistoryReadValueId> values) {
        return desk.history(details, values);
    }

    @Override
    public RevisedDataItemParameters onCreateDataItem(ReadValueId item, Double intervalMs, UInteger queueSize) {
        return revised(queueSize);
    }

    @Override
    public RevisedDataItemParameters onModifyDataItem(ReadValueId item, Double intervalMs, UInteger queueSize) {
        return revised(queueSize);
    }

    /** Changes are passed on as they come, so there is no interval. */
    private RevisedDataItemParameters revised(UInteger queueSize) {
        return new RevisedDataItemParameters(0.0, UInteger.valueOf(Math.min(queueSize.longValue(), queueMax)));
    }

    @Override
    public void onDataItemsCreated(List<DataItem> created) {
        for (DataItem item : created) {
            ReadValueId id = item.getReadValueId();
            if (AttributeId.Value.uid().equals(id.getAttributeId())) {
                items.computeIfAbsent(id.getNodeId(), node -> ConcurrentHashMap.newKeySet())
                        .add(item);
            }
            show(item);
        }
    }

    /** Gives an item what is there now. */
    private synchronized void show(DataItem item) {
        if (item.isSamplingEnabled()) {
            item.setValue(super.read(
                            new ReadContext(getServer(), item.getSession()),
                            0.0,
                            TimestampsToReturn.Both,
                            List.of(item.getReadValueId()))
                    .get(0));
        }
    }

    @Override
    public void onDataItemsModified(List<DataItem> modified) {
        modified.forEach(this::show);
    }

    @Override
    public void onDataItemsDeleted(List<DataItem> deleted) {
        for (DataItem item : deleted) {
            items.computeIfPresent(item.getReadValueId().getNodeId(), (node, known) -> {
                known.remove(item);
                return known.isEmpty() ? null : known;
            });
        }
    }

    @Override
    public void onMonitoringModeChanged(List<MonitoredItem> changed) {
        for (MonitoredItem item : changed) {
            if (item instanceof MonitoredDataItem data) {
                show(data);
                if (data.getMonitoringMode() == MonitoringMode.Reporting) {
                    desk.reporting();
                }
            }
        }
    }
}
