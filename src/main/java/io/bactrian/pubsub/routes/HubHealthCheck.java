package io.bactrian.pubsub.routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * DOWN while puts are refused, as the log takes nothing, its disk is full or topics are, and while subscribers get nothing as
 * the log is damaged or not the one they know; says who, and what to do. A bound that is near is a detail only.
 */
final class HubHealthCheck extends AbstractHealthCheck {
    /** With less than that not even the marks beside the log can be written. */
    static final long FULL_BYTES = 1 << 20;

    /** A share of a bound from which on an operator should know. */
    private static final double NEAR = 0.9;

    private final HubView hub;
    private final ToLongFunction<Path> usableBytes;

    HubHealthCheck(Hub hub) {
        this(hub, HubHealthCheck::usableBytes);
    }

    /** With other eyes for the free room of a disk. */
    HubHealthCheck(Hub hub, ToLongFunction<Path> usableBytes) {
        super("bactrian", "hub");
        this.hub = hub.view();
        this.usableBytes = usableBytes;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        List<String> problems = new ArrayList<>();
        hub.refusal().ifPresent(refusal -> {
            builder.detail("hub.refusal", refusal);
            problems.add("puts are refused, as the log takes nothing: " + refusal);
        });
        hub.standIn()
                .ifPresent(database -> builder.detail(
                        "hub.database", "does not answer, the hub goes on without it: bring back " + database));
        long usable = usableBytes.applyAsLong(hub.folder());
        builder.detail("hub.disk.usableBytes", usable);
        if (usable < FULL_BYTES) {
            problems.add("the disk of " + hub.folder() + " is full, " + usable
                    + " bytes are left: make room, or lower bactrian.hub.retention.total");
        }
        problem(
                builder,
                problems,
                "hub.waiting",
                hub.waitingForRepair(),
                "the log is damaged, and subscribers wait until it" + " is repaired: ");
        problem(builder, problems, "hub.strangers", hub.strangers(), "the log is not the one that subscribers know: ");
        problem(
                builder,
                problems,
                "hub.full",
                hub.fullTopics(),
                "topics refuse messages as subscribers still need all that"
                        + " they may hold, have these read or unsubscribed, or raise bactrian.hub.retention.bytes: ");
        List<String> near = near();
        if (!near.isEmpty()) {
            builder.detail("hub.near", String.join("; ", near));
        }
        if (problems.isEmpty()) {
            builder.up();
        } else {
            builder.down().message(String.join("; ", problems));
        }
    }

    private static void problem(
            HealthCheckResultBuilder builder, List<String> problems, String detail, List<String> who, String text) {
        if (!who.isEmpty()) {
            String all = String.join("; ", who);
            builder.detail(detail, all);
            problems.add(text + all);
        }
    }

    private List<String> near() {
        return hub.bounds().stream()
                .filter(bound -> bound.used() >= bound.max() * NEAR)
                .map(bound -> bound.used() + " of " + bound.max() + " " + bound.what() + ", see " + bound.key())
                .toList();
    }

    private static long usableBytes(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            // A folder that cannot be asked is told by the first append that fails.
            return Long.MAX_VALUE;
        }
    }
}
