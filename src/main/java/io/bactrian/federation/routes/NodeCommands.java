package io.bactrian.federation.routes;

import io.bactrian.federation.core.ActorCommand;
import io.bactrian.federation.core.CommandReply;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.ThreadPoolProfileBuilder;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.util.concurrent.ThreadPoolRejectedPolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commands that leave this node and wait for their answers, and those that its actors run: routes, on threads of their own. Any
 * thread.
 */
final class NodeCommands {
    private static final Logger LOG = LoggerFactory.getLogger(NodeCommands.class);
    private static final long LIFE_MS = 5_000;

    private final CamelContext context;
    private final ProducerTemplate producer;
    private final int waitingMax;
    private final CommandInbox inbox;
    private final ExecutorService actors;
    private final Map<ByteBuffer, CompletableFuture<CommandReply>> waiting = new ConcurrentHashMap<>();
    private final SecureRandom random = new SecureRandom();

    /** Takes what the node's one thread is to do. */
    interface CommandInbox {
        /** Sends a command. */
        void send(byte[] uuid, String from, String to, long lifeMs, byte[] body);

        /** Sends the answer of an actor. */
        void answer(ActorCommand command, boolean done, byte[] body);
    }

    NodeCommands(CamelContext context, ProducerTemplate producer, int waitingMax, CommandInbox inbox) {
        this.context = context;
        this.producer = producer;
        this.waitingMax = waitingMax;
        this.inbox = inbox;
        this.actors = context.getExecutorServiceManager().newThreadPool(this, "federation-actors", actorPool());
    }

    private static ThreadPoolProfile actorPool() {
        return new ThreadPoolProfileBuilder("federation-actors")
                .poolSize(2)
                .maxPoolSize(8)
                .maxQueueSize(1_000)
                .rejectedPolicy(ThreadPoolRejectedPolicy.Abort)
                .build();
    }

    /** No actor runs any more, and nobody gets an answer. */
    void end() {
        context.getExecutorServiceManager().shutdown(actors);
        waiting.values().forEach(reply -> reply.cancel(false));
        waiting.clear();
    }

    /** Answers that have come. */
    void answered(List<CommandReply> replies) {
        for (CommandReply reply : replies) {
            CompletableFuture<CommandReply> future = waiting.remove(ByteBuffer.wrap(reply.uuid()));
            if (future != null) {
                future.complete(reply);
            }
        }
    }

    /** An actor is a route {@code direct:actor-NAME}; what it leaves in the body is the answer. */
    void deliver(ActorCommand command) {
        String uri = "direct:actor-" + command.to().actor();
        if (context.hasEndpoint(uri) == null) {
            reply(
                    command,
                    false,
                    "no actor " + command.to().actor() + " at " + command.to().node() + ": a route from " + uri
                            + " would be one");
            return;
        }
        try {
            actors.execute(() -> act(uri, command));
        } catch (RejectedExecutionException e) {
            LOG.debug("no thread for a command to {}", command.to(), e);
            reply(
                    command,
                    false,
                    "too many commands wait for actors at " + command.to().node());
        }
    }

    private void act(String uri, ActorCommand command) {
        Exchange done = producer.request(uri, exchange -> {
            exchange.getIn().setBody(command.body());
            exchange.getIn().setHeader(FederationConstants.FROM, command.from().toString());
        });
        Exception failure = done.getException();
        if (failure == null) {
            String answer = done.getMessage().getBody(String.class);
            reply(command, true, answer == null ? "" : answer);
        } else {
            reply(command, false, "the actor has failed: " + failure.getMessage());
        }
    }

    private void reply(ActorCommand command, boolean done, String text) {
        inbox.answer(command, done, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Sends a command and waits for the answer: the body goes to the actor.
     *
     * @throws CommandRefusedException if it was not done, with the reason
     */
    String command(String to, String from, byte[] body) throws InterruptedException {
        Future<CommandReply> future = ask(to, from, body);
        try {
            CommandReply reply = future.get(2 * LIFE_MS, TimeUnit.MILLISECONDS);
            if (!reply.done()) {
                throw new CommandRefusedException(reply.from() + ": " + reply.text());
            }
            return reply.text();
        } catch (TimeoutException e) {
            throw new CommandRefusedException("no answer from " + to, e);
        } catch (ExecutionException e) {
            throw new CommandRefusedException("the command to " + to + " failed", e);
        }
    }

    /**
     * Sends a command, and does not wait: the answer, also that there is none, comes later, on the thread of the node.
     *
     * @param to the actor, {@code actor@node}
     * @param from the actor of this node that sends it
     * @throws CommandRefusedException if too many commands wait
     */
    CompletableFuture<CommandReply> ask(String to, String from, byte[] body) {
        if (waiting.size() >= waitingMax) {
            throw new CommandRefusedException(
                    "too many commands wait for an answer, see bactrian.federation.commands.max");
        }
        byte[] uuid = new byte[16];
        random.nextBytes(uuid);
        ByteBuffer id = ByteBuffer.wrap(uuid);
        CompletableFuture<CommandReply> future = new CompletableFuture<>();
        waiting.put(id, future);
        inbox.send(uuid, from, to, LIFE_MS, body);
        return future.orTimeout(2 * LIFE_MS, TimeUnit.MILLISECONDS).whenComplete((reply, late) -> waiting.remove(id));
    }
}
