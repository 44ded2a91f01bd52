package io.bactrian.pubsub.routes;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.bactrian.support.database.StoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What an operator reads of a disk that fails for a while. */
class DiskTasksTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(DiskTasks.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final DiskTasks tasks = new DiskTasks();

    @BeforeEach
    void listen() {
        log.start();
        logger.setLevel(Level.INFO);
        logger.addAppender(log);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    private void fail() {
        tasks.run(DiskTasks.Task.CHECKPOINT, () -> {
            throw new StoreException("the disk is full", new IllegalStateException());
        });
    }

    private void succeed() {
        tasks.run(DiskTasks.Task.CHECKPOINT, () -> {});
    }

    @Test
    void theFirstFailureIsAWarningAndTheEndSaysHowManyThereWere() {
        succeed();
        fail();
        fail();
        tasks.run(DiskTasks.Task.PURGE, () -> {});
        fail();
        succeed();
        succeed();
        fail();
        succeed();
        assertThat(log.list.stream().map(event -> event.getLevel() + " " + event.getFormattedMessage()))
                .containsExactly(
                        "WARN could not write the checkpoint, tried again at each interval: the disk is full",
                        "INFO checkpoint written again after 3 failures",
                        "WARN could not write the checkpoint, tried again at each interval: the disk is full",
                        "INFO checkpoint written again after 1 failure");
    }
}
