package io.bactrian.gateway.routes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which questions are asked for those who wait. */
class SharedRoundsTest {
    private final List<Set<String>> asked = new ArrayList<>();
    private final List<CompletableFuture<@Nullable Void>> answers = new ArrayList<>();
    private final SharedRounds rounds = new SharedRounds(names -> {
        asked.add(Set.copyOf(names));
        CompletableFuture<@Nullable Void> answer = new CompletableFuture<>();
        answers.add(answer);
        return answer;
    });

    @Test
    void whoComesWhileAQuestionIsUnderWaySharesTheNextOne() {
        CompletableFuture<?> first = rounds.ask(Set.of("lab"));
        CompletableFuture<?> second = rounds.ask(Set.of("lab"));
        CompletableFuture<?> third = rounds.ask(List.of("hall", "lab"));
        assertThat(asked).containsExactly(Set.of("lab"));
        answers.get(0).complete(null);
        assertThat(first).isCompleted();
        assertThat(second).as("the answer may be older than the question").isNotDone();
        assertThat(asked).hasSize(2).last().isEqualTo(Set.of("hall", "lab"));
        answers.get(1).complete(null);
        assertThat(second).isCompleted();
        assertThat(third).isCompleted();
        assertThat(asked).hasSize(2);
    }

    @Test
    void aFailureIsToldToThoseWhoHaveAskedAndNotToOthers() {
        CompletableFuture<?> first = rounds.ask(Set.of("lab"));
        CompletableFuture<?> second = rounds.ask(Set.of("lab"));
        answers.get(0).completeExceptionally(new IllegalStateException("of the test"));
        assertThatThrownBy(first::join).isInstanceOf(CompletionException.class).hasMessageContaining("of the test");
        answers.get(1).complete(null);
        assertThat(second).isCompleted();
    }

    @Test
    void aQuestionThatCannotEvenBeAskedHoldsUpNobody() {
        AtomicBoolean broken = new AtomicBoolean(true);
        SharedRounds failing = new SharedRounds(names -> {
            if (broken.get()) {
                throw new IllegalStateException("of the test");
            }
            return CompletableFuture.completedFuture(null);
        });
        assertThat(failing.ask(Set.of("lab"))).isCompletedExceptionally();
        broken.set(false);
        assertThat(failing.ask(Set.of("lab"))).isCompleted();
    }

    @Test
    void namesThatDoNotFitIntoAQuestionAreRefused() {
        CompletableFuture<?> first = rounds.ask(Set.of("lab"));
        String half = "x".repeat(SharedRounds.OCTETS_MAX / 2);
        CompletableFuture<?> waits = rounds.ask(Set.of(half));
        assertThatThrownBy(rounds.ask(Set.of("y" + half))::join).hasCauseInstanceOf(RejectedExecutionException.class);
        assertThat(rounds.ask(Set.of(half))).as("it is in the question already").isNotDone();
        answers.get(0).complete(null);
        answers.get(1).complete(null);
        assertThat(first).isCompleted();
        assertThat(waits).isCompleted();
        assertThat(asked).hasSize(2);
    }
}
