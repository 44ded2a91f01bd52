package io.bactrian.journal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bactrian.support.exchange.Outcomes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.camel.ConsumerTemplate;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.transaction.support.TransactionTemplate;

/** Entries that are asked for, one by one: nothing is lost that was not handed to somebody who completed it. */
@Timeout(600)
class JournalPollingTest {
    private static final String FROM = "journal:j?cursor=c";

    @TempDir
    Path root;

    private DefaultCamelContext context;
    private ConsumerTemplate consumer;

    @BeforeEach
    void start() {
        context = started();
        try (ProducerTemplate template = context.createProducerTemplate()) {
            for (int i = 1; i <= 50; i++) {
                template.sendBody("journal:j", "m" + i);
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private DefaultCamelContext started() {
        DefaultCamelContext made = new DefaultCamelContext();
        made.disableJMX();
        made.getComponent("journal", JournalComponent.class).setRoot(root.toString());
        made.start();
        return made;
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    /** One for each context: a cursor has one reader at a time. */
    private ConsumerTemplate template() {
        ConsumerTemplate made = consumer;
        if (made == null || made.getCamelContext() != context) {
            made = context.createConsumerTemplate();
            consumer = made;
        }
        return made;
    }

    private void restart() {
        context.stop();
        context = started();
    }

    private List<String> rest() {
        List<String> got = new ArrayList<>();
        ConsumerTemplate template = template();
        String body = template.receiveBody(FROM, 100, String.class);
        while (body != null) {
            got.add(body);
            body = template.receiveBody(FROM, 100, String.class);
        }
        return got;
    }

    @Test
    void whatWasNotHandedToACallerStays() {
        assertThat(template().receiveBody(FROM, String.class)).isEqualTo("m1");
        restart();
        assertThat(rest()).hasSize(49).startsWith("m2").endsWith("m50");
        restart();
        assertThat(rest()).isEmpty();
    }

    @Test
    void anExchangeThatHasNotCompletedIsHandedOutAgainAfterAStop() {
        ConsumerTemplate template = template();
        Exchange first = template.receive(FROM);
        Exchange second = template.receive(FROM);
        template.doneUoW(second);
        assertThat(first.getMessage().getBody(String.class)).isEqualTo("m1");
        restart();
        assertThat(rest())
                .as("the first is still open, so the second counts as open too")
                .hasSize(50);
    }

    @Test
    void whatFailedIsHandedOutAgainInOrder() {
        ConsumerTemplate template = template();
        Exchange first = template.receive(FROM);
        Exchange second = template.receive(FROM);
        first.setException(new IllegalStateException("for the test"));
        template.doneUoW(first);
        template.doneUoW(second);
        Exchange again = template.receive(FROM);
        assertThat(again.getMessage().getBody(String.class)).isEqualTo("m1");
        assertThat(again.getMessage().getHeader(JournalConstants.REDELIVERY)).isEqualTo(1);
        template.doneUoW(again);
        assertThat(rest()).hasSize(49).startsWith("m2");
    }

    @Test
    void aPollWaitsForWhatComes() throws Exception {
        assertThat(rest()).hasSize(50);
        CompletableFuture<String> polled =
                CompletableFuture.supplyAsync(() -> template().receiveBody(FROM, String.class));
        context.createProducerTemplate().sendBody("journal:j", "late");
        assertThat(polled.get(60, TimeUnit.SECONDS)).isEqualTo("late");
    }

    @Test
    void anEnrichmentCountsWhenTheExchangeThatItEnrichesCompletes() throws Exception {
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:take")
                        .pollEnrich(FROM, 5_000)
                        .choice()
                        .when(header("fail").isEqualTo(true))
                        .throwException(new IllegalStateException("for the test"))
                        .when(header("back").isEqualTo(true))
                        .markRollbackOnly();
            }
        });
        ProducerTemplate template = context.createProducerTemplate();
        assertThatThrownBy(() -> template.requestBodyAndHeader("direct:take", "x", "fail", true))
                .isNotNull();
        assertThat(template.send(
                                "direct:take", exchange -> exchange.getMessage().setHeader("back", true))
                        .isRollbackOnly())
                .isTrue();
        assertThat(new String(template.requestBody("direct:take", "x", byte[].class), UTF_8))
                .isEqualTo("m1");
        restart();
        assertThat(rest()).hasSize(49);
    }

    @Test
    void thoseWhoNeverCompleteAreTold() {
        try (ProducerTemplate template = context.createProducerTemplate()) {
            for (int i = 0; i < 1_000; i++) {
                template.sendBody("journal:j", "more");
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        ConsumerTemplate template = template();
        for (int i = 0; i < 1_000; i++) {
            assertThat(template.receive(FROM)).isNotNull();
        }
        assertThatThrownBy(() -> template.receive(FROM)).hasStackTraceContaining("doneUoW");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rollback", "rollbackOnly", "rollbackOnlyLast", "handledAndRolledBack"})
    void whatIsPolledInATransactionThatIsRolledBackIsHandedOutAgain(String how) throws Exception {
        context.getRegistry().bind("required", Outcomes.policy());
        context.addRoutes(new RouteBuilder() {
            @Override
            public void configure() {
                onException(IllegalStateException.class).handled(true).markRollbackOnlyLast();
                from("direct:take").routeId("take").transacted("required").to("direct:poll");
                from("direct:poll").pollEnrich(FROM, 1_000).to("direct:" + how);
                from("direct:rollback").rollback("for the test");
                from("direct:rollbackOnly").markRollbackOnly();
                from("direct:rollbackOnlyLast").markRollbackOnlyLast();
                from("direct:handledAndRolledBack").throwException(new IllegalStateException("for the test"));
            }
        });
        try (ProducerTemplate template = context.createProducerTemplate()) {
            template.send("direct:take", exchange -> exchange.getMessage().setBody("x"));
        }
        restart();
        assertThat(rest()).hasSize(50).startsWith("m1");
    }

    @Test
    void whatATemplateReceivesInATransactionCountsWhenThatIsCommitted() {
        ConsumerTemplate template = template();
        TransactionTemplate transaction = new TransactionTemplate(
                Outcomes.policy().getTransactionTemplate().getTransactionManager());
        transaction.executeWithoutResult(status -> {
            template.receiveBody(FROM);
            template.receiveBody(FROM);
            status.setRollbackOnly();
        });
        transaction.executeWithoutResult(
                status -> assertThat(template.receiveBody(FROM, String.class)).isEqualTo("m1"));
        restart();
        assertThat(rest()).hasSize(49).startsWith("m2");
    }
}
