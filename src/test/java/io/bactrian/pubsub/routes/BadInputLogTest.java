package io.bactrian.pubsub.routes;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.bactrian.support.text.RateLimitedLog;
import io.bactrian.wire.Code;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class BadInputLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger(BadInput.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final BadInput input = new BadInput(() -> 0);

    @BeforeEach
    void listen() {
        log.start();
        logger.addAppender(log);
    }

    @AfterEach
    void stopListening() {
        logger.detachAppender(log);
    }

    private List<ILoggingEvent> lines() {
        return log.list.stream()
                .filter(event -> event.getLevel().isGreaterOrEqual(Level.INFO))
                .toList();
    }

    /** Each client of a pair asks both hubs, so a passive hub refuses all of them again and again. */
    @Test
    void whatAPassiveHubRefusesIsCountedAndTakesNoLineFromWhatIsWrong() {
        for (int i = 0; i < 2 * RateLimitedLog.LINES; i++) {
            input.from(new byte[] {(byte) i}, Code.NOT_ACTIVE, "this hub is not the active one");
        }
        assertThat(lines()).isEmpty();
        assertThat(input.count(Code.NOT_ACTIVE.label())).isEqualTo(2 * RateLimitedLog.LINES);
        input.from(new byte[] {1}, Code.MALFORMED, "no version");
        assertThat(lines()).hasSize(1).allMatch(event -> event.getLevel() == Level.WARN);
    }
}
