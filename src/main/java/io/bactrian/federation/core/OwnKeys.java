package io.bactrian.federation.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;

/** The keys that this node owns: it alone changes them, signs each change, and deletes those whose time is over. For one thread. */
final class OwnKeys {
    private static final int KEY_LENGTH_MAX = 512;

    private final NodeContext context;
    private final Supplier<byte[]> uuids;
    private final TreeMap<Long, List<StateEntry>> expiring = new TreeMap<>();
    private final Set<String> delegated = new HashSet<>();

    OwnKeys(NodeContext context, Supplier<byte[]> uuids) {
        this.context = context;
        this.uuids = uuids;
    }

    /** The keys that expire, of what the journal has. */
    void start() {
        all().forEach(this::expireLater);
    }

    /** The keys of this node that have values. */
    List<StateEntry> all() {
        return context.state.startingWith("").stream()
                .filter(entry -> entry.owner().equals(context.self.node()))
                .toList();
    }

    /** From now on commands to set these keys go to an actor. */
    void delegate(Collection<String> keys) {
        delegated.addAll(keys);
    }

    /** Whether commands to set a key go to an actor. */
    boolean isDelegated(String key) {
        return delegated.contains(key);
    }

    /** Sets a key if this node owns it; returns why not, or empty. */
    String set(String key, byte[] value, long expiresMs, byte[] uuid) {
        String owner = context.topology.owner(key);
        if (!context.self.node().equals(owner)) {
            return "the owner of " + key + " is " + owner + ", not " + context.self.node();
        }
        if (!context.active) {
            return context.self.id() + " is passive";
        }
        if (key.length() > KEY_LENGTH_MAX || key.chars().anyMatch(Character::isISOControl)) {
            return "a key has at most " + KEY_LENGTH_MAX + " characters, of which none is a control character: "
                    + AlarmBook.line(key);
        }
        if (value.length > context.settings.valueBytesMax()) {
            return key + " has " + value.length + " octets, more than bactrian.federation.value.bytesMax allows";
        }
        StateEntry former = context.state.get(key);
        if (former == null && context.state.size() >= context.settings.keysMax()) {
            return "the state has its " + context.settings.keysMax() + " keys, see bactrian.federation.keys.max";
        }
        if (former != null && uuid.length > 0 && Arrays.equals(former.uuid(), uuid)) {
            return "";
        }
        if (former == null && value.length == 0) {
            return "";
        }
        change(key, value, expiresMs, uuid);
        return "";
    }

    /** Changes a key, now. */
    void change(String key, byte[] value, long expiresMs, byte[] uuid) {
        change(key, value, expiresMs, uuid, context.wallMs());
    }

    /** Makes what was set before a change of now; the value keeps its time. */
    void changeAnew(StateEntry entry) {
        change(entry.key(), entry.value(), entry.expiresMs(), entry.uuid(), entry.changedMs());
    }

    private void change(String key, byte[] value, long expiresMs, byte[] uuid, long changedMs) {
        String owner = context.self.node();
        StateVersion head = context.state.head(owner);
        StateVersion version = new StateVersion(context.epoch, head.number() + 1);
        StateEntry unsigned = new StateEntry(key, owner, version, uuid, expiresMs, changedMs, value, "");
        StateEntry entry = unsigned.with(context.signatures.sign(unsigned.signed()));
        context.state.apply(entry, head);
        context.actions.records().add(new StateRecord.Put(entry));
        context.spread(List.of(entry), Map.of(owner, head));
        expireLater(entry);
    }

    private void expireLater(StateEntry entry) {
        if (entry.expiresMs() > 0) {
            expiring.computeIfAbsent(entry.expiresMs(), ms -> new ArrayList<>()).add(entry);
        }
    }

    /** Changes a key if it has another value. */
    void renew(String key, String value) {
        StateEntry former = context.state.get(key);
        if (former == null || !former.text().equals(value)) {
            change(key, ClusteredHashmap.octets(value), 0, uuids.get());
        }
    }

    /** With another key the former changes count no more for those who have not got them yet. */
    void signAnew() {
        String self = context.self.node();
        for (StateEntry entry : context.state.of(self)) {
            if (!context.signatures.valid(self, entry.signed(), entry.signature())) {
                changeAnew(entry);
            }
        }
    }

    /** Deletes the keys whose time is over. */
    void expire() {
        while (!expiring.isEmpty() && expiring.firstKey() <= context.wallMs() && context.active) {
            for (StateEntry entry : expiring.pollFirstEntry().getValue()) {
                StateEntry now = context.state.get(entry.key());
                if (now != null && now.version().equals(entry.version())) {
                    change(entry.key(), ClusteredHashmap.EMPTY, 0, uuids.get());
                }
            }
        }
    }
}
