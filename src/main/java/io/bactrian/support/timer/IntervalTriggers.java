package io.bactrian.support.timer;

import java.util.Date;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.camel.CamelContext;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.support.service.ServiceSupport;
import org.jspecify.annotations.Nullable;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleTrigger;
import org.quartz.Trigger;
import org.quartz.TriggerKey;
import org.quartz.impl.matchers.GroupMatcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the triggers of Quartz that fire at an interval for ever go on when the wall clock is set back. Quartz notes when
 * each is to fire next by that clock, and would let all of them wait as much longer. So once a second, by a clock that
 * only moves on, those of the group {@value #GROUP} that have fired before and would now wait for longer than their
 * interval are begun anew. Cron expressions are left alone: they mean the wall clock.
 */
final class IntervalTriggers extends ServiceSupport {
    static final String GROUP = "bactrian";

    private static final Logger LOG = LoggerFactory.getLogger(IntervalTriggers.class);
    private static final long LOOK_INTERVAL_MS = 1_000;

    /** So much longer than its interval a trigger may wait, as what is due is taken in advance. */
    private static final long MARGIN_MS = 1_000;

    private final CamelContext context;
    private final LongSupplier wallMs;
    private @Nullable ScheduledExecutorService thread;
    private @Nullable Future<?> looking;

    /** Looks at a clock as {@link System#currentTimeMillis}. */
    IntervalTriggers(CamelContext context, LongSupplier wallMs) {
        this.context = context;
        this.wallMs = wallMs;
    }

    @Override
    protected void doStart() {
        ScheduledExecutorService started = context.getExecutorServiceManager()
                .newSingleThreadScheduledExecutor(this, "bactrian-interval-triggers");
        looking = started.scheduleWithFixedDelay(this::look, LOOK_INTERVAL_MS, LOOK_INTERVAL_MS, TimeUnit.MILLISECONDS);
        thread = started;
    }

    @Override
    protected void doStop() {
        Future<?> last = looking;
        ScheduledExecutorService started = thread;
        if (last != null && started != null) {
            last.cancel(false);
            context.getExecutorServiceManager().shutdownNow(started);
        }
    }

    private void look() {
        try {
            Scheduler scheduler =
                    context.getComponent("quartz", QuartzComponent.class).getScheduler();
            if (scheduler == null) {
                return;
            }
            for (TriggerKey key : scheduler.getTriggerKeys(GroupMatcher.triggerGroupEquals(GROUP))) {
                look(scheduler, key);
            }
        } catch (SchedulerException | RuntimeException e) {
            LOG.warn("whether timers are due could not be seen: {}", e.toString());
        }
    }

    @SuppressWarnings("JavaUtilDate") // Quartz knows no other
    private void look(Scheduler scheduler, TriggerKey key) throws SchedulerException {
        long nowMs = wallMs.getAsLong();
        if (scheduler.getTrigger(key) instanceof SimpleTrigger trigger
                && trigger.getRepeatCount() == SimpleTrigger.REPEAT_INDEFINITELY
                && trigger.getPreviousFireTime() != null
                && trigger.getNextFireTime() != null
                && trigger.getNextFireTime().getTime() - nowMs > trigger.getRepeatInterval() + MARGIN_MS
                && scheduler.getTriggerState(key) == Trigger.TriggerState.NORMAL) {
            LOG.info("the wall clock was set back, begun anew timer={}", key.getName());
            scheduler.rescheduleJob(
                    key, trigger.getTriggerBuilder().startAt(new Date(nowMs)).build());
        }
    }
}
