package io.bactrian.pubsub.routes;

import io.bactrian.pubsub.core.Checkpoint;
import io.bactrian.pubsub.core.ControlRecord;
import io.bactrian.pubsub.core.HubEvent;
import io.bactrian.pubsub.core.HubSnapshots;
import io.bactrian.pubsub.core.HubState;
import io.bactrian.support.timer.SteadyClock;
import java.util.List;
import java.util.Map;

/** Keeps events with the time that the wall clock shows; a hub counts by another. All else is handed through. */
final class WallTimes implements HubSnapshots {
    private final HubSnapshots tables;
    private final SteadyClock clock;

    WallTimes(HubSnapshots tables, SteadyClock clock) {
        this.tables = tables;
        this.clock = clock;
    }

    @Override
    public void apply(List<ControlRecord> records) {
        tables.apply(records.stream().map(this::shown).toList());
    }

    private ControlRecord shown(ControlRecord record) {
        if (!(record instanceof ControlRecord.Noted noted)) {
            return record;
        }
        HubEvent event = noted.event();
        return new ControlRecord.Noted(new HubEvent(
                clock.wallMs(event.atMs()),
                event.what(),
                event.publisher(),
                event.subscriber(),
                event.topic(),
                event.from(),
                event.to(),
                event.cause()));
    }

    @Override
    public boolean standsIn() {
        return tables.standsIn();
    }

    @Override
    public HubState load() {
        return tables.load();
    }

    @Override
    public void clear() {
        tables.clear();
    }

    @Override
    public void checkpoint(Checkpoint checkpoint) {
        tables.checkpoint(checkpoint);
    }

    @Override
    public void touchPublishers(Map<String, Long> lastSeenMs) {
        tables.touchPublishers(lastSeenMs);
    }
}
