package io.bactrian.federation.core;

import io.bactrian.federation.core.ActorCommand.Address;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Passes commands hop by hop: to an actor here, else down into the subtree that holds the receiver, else up. What came from
 * above never goes up again, so no command can run in circles. The receiver's node checks the sender's signature before
 * anything is made of the body, and takes each command once. For one thread.
 */
final class CommandDesk {
    /** Runs what is for an actor of this node; returns the answer, or null if it comes later or never. */
    interface Local {
        @Nullable CommandReply run(ActorCommand command, long nowMs);
    }

    /** More nodes than a path of the deepest tree has. */
    private static final int HOPS_MAX = 32;

    private final NodeContext context;
    private final Local local;
    /** Commands of actors and clients of this node that wait for an answer. */
    private final Map<ByteBuffer, WaitingCommand> waiting = new LinkedHashMap<>();
    /** The commands that were run lately, against repetition; the oldest are first. */
    private final Map<ByteBuffer, ReceivedCommand> taken = new LinkedHashMap<>();
    /** By the sender's node: what was sent up to then is not known any more as taken or not, and is not taken. */
    private final Map<String, Long> forgotten = new HashMap<>();

    private long actsSinceMs = Long.MIN_VALUE;

    /** Who waits, until when, and at which client's socket if it is a client. */
    private record WaitingCommand(ActorCommand command, ReturnPath path, long untilMs) {}

    /** A command that was run, by whom and when it was sent, and when it came. */
    private record ReceivedCommand(String sender, long sentMs, long atMs) {}

    CommandDesk(NodeContext context, Local local) {
        this.context = context;
        this.local = local;
    }

    /** This process begins to act for its node: what was sent before may have been taken by a former life, or by the peer. */
    void begin() {
        actsSinceMs = context.wallMs();
    }

    /** Sends a command of an actor or client of this node; the answer takes the path. */
    void send(ActorCommand unsigned, ReturnPath path, long nowMs) {
        ActorCommand command = unsigned.with(context.signatures.sign(unsigned.signed()));
        if (command.dialog()) {
            if (waiting.size() >= context.settings.commandsMax()) {
                answerHere(
                        failed(
                                command,
                                "too many commands wait for an answer here, see" + " bactrian.federation.commands.max"),
                        path);
                return;
            }
            waiting.put(ByteBuffer.wrap(command.uuid()), new WaitingCommand(command, path, nowMs + command.lifeMs()));
        }
        route(command, null, nowMs);
    }

    /** Takes a command from a neighbour. */
    void receive(ActorCommand command, Link from, long nowMs) {
        route(command, from, nowMs);
    }

    private void route(ActorCommand command, @Nullable Link from, long nowMs) {
        String target = command.to().node();
        if (target.equals(context.self.node())) {
            runHere(command, nowMs);
            return;
        }
        String next = context.topology.next(context.self.node(), target);
        if (context.topology.find(target).isEmpty()) {
            report(command, "there is no node " + target + " in the federation");
        } else if (next == null || command.hops() >= HOPS_MAX || (from != null && next.equals(from.node()))) {
            context.actions.warn("command-loop", "dropped a command to " + command.to() + " that ran in a circle");
            report(command, "the way to " + target + " is a circle: the nodes have different topologies");
        } else {
            Link link = context.linkTo(next).orElse(null);
            if (link == null) {
                report(command, context.self.node() + " does not reach " + next + " on the way to " + target);
            } else {
                context.send(link, command.passedOn().frames());
            }
        }
    }

    private void runHere(ActorCommand command, long nowMs) {
        if (!context.signatures.valid(command.from().node(), command.signed(), command.signature())) {
            context.actions.warn(
                    "bad-signature",
                    "refused a command to " + command.to() + ": it is not signed by "
                            + command.from().node());
            return;
        }
        long ageMs = context.wallMs() - command.sentMs();
        if (Math.abs(ageMs) > context.settings.commandAgeMaxMs()) {
            context.actions.warn(
                    "old-command", "refused a command from " + command.from() + ": it was sent " + ageMs + " ms ago");
            report(command, "the command is too old or the clocks differ, see bactrian.federation.commands.ageMax");
            return;
        }
        String sender = command.from().node();
        if (taken.containsKey(ByteBuffer.wrap(command.uuid()))) {
            context.actions.note("repeated-command", "dropped a command from " + command.from() + " that came again");
            return;
        }
        boolean signed = context.signatures != Signatures.NONE;
        if (signed && command.sentMs() < Math.max(actsSinceMs, forgotten.getOrDefault(sender, Long.MIN_VALUE))) {
            context.actions.warn(
                    "old-command",
                    "refused a command from " + command.from() + ": by its clock it was sent before "
                            + context.self.id() + " began to act, or before others of it that were taken");
            report(
                    command,
                    "it was sent before " + context.self.id() + " began to act, or the clocks differ: send it again");
            return;
        }
        taken.put(ByteBuffer.wrap(command.uuid()), new ReceivedCommand(sender, command.sentMs(), nowMs));
        if (taken.size() > context.settings.commandsMax()) {
            forgetOldest();
        }
        CommandReply reply = local.run(command, nowMs);
        if (reply != null && command.dialog()) {
            answer(reply);
        }
    }

    private void forgetOldest() {
        var oldest = taken.values().iterator();
        ReceivedCommand gone = oldest.next();
        oldest.remove();
        forgotten.merge(gone.sender(), gone.sentMs() + 1, Math::max);
    }

    /** Sends the answer of an actor of this node. */
    void answer(CommandReply unsigned) {
        routeReply(unsigned.with(context.signatures.sign(unsigned.signed())), null);
    }

    /** Takes an answer from a neighbour. */
    void receive(CommandReply reply, Link from) {
        routeReply(reply, from);
    }

    private void routeReply(CommandReply reply, @Nullable Link from) {
        String target = reply.to().node();
        if (target.equals(context.self.node())) {
            WaitingCommand asked = waiting.get(ByteBuffer.wrap(reply.uuid()));
            if (asked == null) {
                context.actions.note(
                        "late-answer", "dropped an answer from " + reply.from() + " that nobody waits for");
            } else if (!context.signatures.valid(reply.from(), reply.signed(), reply.signature())) {
                context.actions.warn("bad-signature", "refused an answer that is not signed by " + reply.from());
            } else {
                waiting.remove(ByteBuffer.wrap(reply.uuid()));
                answerHere(reply, asked.path());
            }
            return;
        }
        String next = context.topology.next(context.self.node(), target);
        boolean back = from != null && next != null && next.equals(from.node());
        if (next != null && !back && reply.hops() < HOPS_MAX) {
            context.linkTo(next)
                    .ifPresent(link -> context.send(link, reply.passedOn().frames()));
        }
    }

    private void answerHere(CommandReply reply, ReturnPath path) {
        if (path.isHere()) {
            context.actions.replies().add(reply);
        } else {
            context.actions
                    .outgoing()
                    .add(path.outgoing(ClusteredHashmap.frames(
                            reply.done() ? ClusteredHashmap.DONE : ClusteredHashmap.FAILED,
                            0,
                            reply.uuid(),
                            Map.of(),
                            reply.body())));
        }
    }

    /** Tells the sender that its command was not done; also if it wants no answer, as an event at its node. */
    private void report(ActorCommand command, String reason) {
        context.actions.note("undelivered", "a command to " + command.to() + " was not delivered: " + reason);
        if (command.dialog()) {
            answer(failed(command, reason));
        }
    }

    CommandReply failed(ActorCommand command, String reason) {
        return new CommandReply(
                command.uuid(), context.self.node(), command.from(), false, 0, ClusteredHashmap.octets(reason), "");
    }

    CommandReply done(ActorCommand command, String text) {
        return new CommandReply(
                command.uuid(), context.self.node(), command.from(), true, 0, ClusteredHashmap.octets(text), "");
    }

    /** Commands whose time is over fail. */
    void tick(long nowMs) {
        List<WaitingCommand> late = new ArrayList<>();
        waiting.values().removeIf(asked -> {
            boolean over = nowMs >= asked.untilMs();
            if (over) {
                late.add(asked);
            }
            return over;
        });
        late.forEach(asked -> answerHere(
                failed(asked.command(), "no answer within " + asked.command().lifeMs() + " ms"), asked.path()));
        // The oldest are first.
        var oldest = taken.values().iterator();
        while (oldest.hasNext() && nowMs - oldest.next().atMs() > 2 * context.settings.commandAgeMaxMs()) {
            oldest.remove();
        }
    }

    ActorCommand command(byte[] uuid, Address from, Address to, boolean dialog, long lifeMs, byte[] body) {
        return new ActorCommand(uuid, from, to, dialog, context.wallMs(), lifeMs, 0, body, "");
    }
}
