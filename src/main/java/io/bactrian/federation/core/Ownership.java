package io.bactrian.federation.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Has the state follow the topology when that gives keys to other owners, or owners go. For one thread. */
final class Ownership {
    private final NodeContext context;
    private final OwnKeys own;

    Ownership(NodeContext context, OwnKeys own) {
        this.context = context;
        this.own = own;
    }

    /**
     * Makes the state what the topology says of owners and keys. A new owner takes the values of its new keys over; what came of
     * an owner that has others now is asked for again.
     */
    void conform(@Nullable Topology former) {
        List<StateEntry> gone = new ArrayList<>();
        List<StateEntry> adopted = new ArrayList<>();
        for (String owner : List.copyOf(context.state.heads().keySet())) {
            if (context.topology.find(owner).isEmpty()) {
                StateVersion head = context.state.head(owner);
                for (StateEntry entry : context.state.drop(owner)) {
                    boolean mine = context.self.node().equals(context.topology.owner(entry.key()));
                    if (mine && !Topology.within(entry.key(), owner)) {
                        adopted.add(entry);
                    } else {
                        gone.add(StateEntry.gone(entry.key(), owner, head));
                    }
                }
                context.actions.records().add(new StateRecord.Drop(owner));
            }
        }
        for (StateEntry entry : context.state.startingWith("")) {
            String owner = context.topology.owner(entry.key());
            if (owner == null || !context.topology.keeps(context.self.node(), entry.key())) {
                gone.add(StateEntry.gone(entry.key(), entry.owner(), entry.version()));
            } else if (!owner.equals(entry.owner()) && owner.equals(context.self.node())) {
                adopted.add(entry);
            }
        }
        context.state.show(context.topology, context.self.node());
        if (former != null) {
            boolean keepsOthers = !former.kept(context.self.node()).equals(context.topology.kept(context.self.node()));
            former.nodes().forEach(node -> compareOwner(node, keepsOthers));
        }
        context.tellOfSnapshot(gone);
        if (context.active) {
            adopted.forEach(own::changeAnew);
            own.signAnew();
        }
    }

    private void compareOwner(TopologyNode former, boolean keepsOthers) {
        String owner = former.id();
        boolean owned = context.topology.find(owner).isPresent()
                && !context.state.head(owner).equals(StateVersion.NONE);
        if (owned
                && !owner.equals(context.self.node())
                && (keepsOthers
                        || !former.owns().equals(context.topology.node(owner).owns()))) {
            context.moveHead(owner, StateVersion.NONE);
        }
    }
}
