package io.bactrian.federation.opcua;

import io.bactrian.federation.core.CommandReply;
import io.bactrian.federation.core.NodeCore;
import io.bactrian.federation.core.SetRequest;
import io.bactrian.federation.device.DeviceDesk;
import io.bactrian.federation.opcua.OpcUaSettings.Rights;
import io.bactrian.federation.routes.CommandRefusedException;
import io.bactrian.federation.routes.FederationNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.eclipse.milo.opcua.sdk.server.AccessContext;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.identity.Identity;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteValue;
import org.jspecify.annotations.Nullable;

/**
 * Answers clients: a write becomes a command to the owner of the key, and what the owner says becomes the status code. Any
 * thread; a write keeps its thread until the owner has answered, or the command's time is over.
 */
final class StateDesk implements StateNamespace.Desk {
    private static final StatusCode DENIED = new StatusCode(StatusCodes.Bad_UserAccessDenied);

    private final FederationNode node;
    private final HistoryAnswers history;
    private final Users users;
    private final Function<String, @Nullable Variant> values;
    private final BiConsumer<String, String> events;
    private final Semaphore room;

    /**
     * A desk.
     *
     * @param values what a key has now
     * @param events takes the kind of what happened, and one sentence
     * @param writesMax the most writes that may wait
     */
    StateDesk(
            FederationNode node,
            HistoryAnswers history,
            Users users,
            Function<String, @Nullable Variant> values,
            BiConsumer<String, String> events,
            int writesMax) {
        this.node = node;
        this.history = history;
        this.users = users;
        this.values = values;
        this.events = events;
        this.room = new Semaphore(writesMax);
    }

    @Override
    public boolean mayWrite(AccessContext context) {
        Session session = context.getSession().orElse(null);
        return session == null || users.rights(userName(session)) == Rights.WRITE;
    }

    private static @Nullable String userName(Session session) {
        return session.getIdentity() instanceof Identity.UsernameIdentity user ? user.getUsername() : null;
    }

    @Override
    public List<StatusCode> write(AccessContext context, List<WriteValue> written) {
        boolean may = mayWrite(context);
        List<CompletableFuture<StatusCode>> outcomes = new ArrayList<>(written.size());
        for (WriteValue value : written) {
            outcomes.add(may ? write(value) : CompletableFuture.completedFuture(DENIED));
        }
        List<StatusCode> codes = new ArrayList<>(written.size());
        for (int i = 0; i < written.size(); i++) {
            StatusCode code = outcomes.get(i).join();
            events.accept(
                    code.isGood() ? "written" : "write-refused",
                    "the write of " + written.get(i).getNodeId().getIdentifier() + " by OPC UA has come to " + code);
            codes.add(code);
        }
        return codes;
    }

    private CompletableFuture<StatusCode> write(WriteValue written) {
        try {
            if (!AttributeId.Value.uid().equals(written.getAttributeId())) {
                throw new UaException(StatusCodes.Bad_NotWritable);
            }
            String key = String.valueOf(written.getNodeId().getIdentifier());
            Variant current = values.apply(key);
            if (current == null) {
                throw new UaException(
                        key.endsWith(StateTree.FOLDER)
                                ? StatusCodes.Bad_AttributeIdInvalid
                                : StatusCodes.Bad_NodeIdUnknown);
            }
            boolean part =
                    written.getIndexRange() != null && !written.getIndexRange().isEmpty();
            // The time of a client is passed over: the owner's time is that of the value.
            if (part || !written.getValue().statusCode().isGood()) {
                throw new UaException(StatusCodes.Bad_WriteNotSupported, "only whole values that are good");
            }
            String owner = node.topology().owner(key);
            if (owner == null) {
                throw new UaException(StatusCodes.Bad_NotWritable, "nobody owns " + key);
            }
            return send(key, owner, StateValues.text(written.getValue().value().value(), current));
        } catch (UaException e) {
            return CompletableFuture.completedFuture(e.getStatusCode());
        }
    }

    private CompletableFuture<StatusCode> send(String key, String owner, String text) throws UaException {
        if (!node.active()) {
            // A client that writes here wants this process to act, as one that asks for the state does.
            node.vote("a client of OPC UA");
        }
        if (!room.tryAcquire()) {
            throw new UaException(StatusCodes.Bad_TooManyOperations);
        }
        try {
            byte[] request = SetRequest.octets(key, 0, text.getBytes(StandardCharsets.UTF_8));
            return node.ask(NodeCore.STATE_ACTOR + "@" + owner, "opcua", request)
                    .handle((reply, late) -> {
                        room.release();
                        return reply == null ? new StatusCode(StatusCodes.Bad_Timeout) : code(reply, owner);
                    });
        } catch (CommandRefusedException e) {
            room.release();
            throw new UaException(StatusCodes.Bad_TooManyOperations, e);
        }
    }

    /** What the answer to a command means. */
    private StatusCode code(CommandReply reply, String owner) {
        if (reply.done()) {
            return StatusCode.GOOD;
        }
        events.accept("refused", reply.from() + ": " + reply.text());
        if (owner.equals(node.self().node()) && !node.active()) {
            return new StatusCode(StatusCodes.Bad_InvalidState);
        }
        if (reply.from().equals(owner)) {
            return reply.text().contains(": " + DeviceDesk.FAILED)
                    ? new StatusCode(StatusCodes.Bad_DeviceFailure)
                    : DENIED;
        }
        return new StatusCode(
                reply.text().startsWith("no answer") ? StatusCodes.Bad_Timeout : StatusCodes.Bad_NoCommunication);
    }

    @Override
    public List<HistoryReadResult> history(HistoryReadDetails details, List<HistoryReadValueId> asked) {
        return asked.stream().map(value -> history.read(details, value)).toList();
    }

    @Override
    public void reporting() {
        if (!node.active()) {
            node.vote("a client of OPC UA");
        }
    }

    @Override
    public void full(String key) {
        events.accept("full", "the key " + key + " is not served by OPC UA, see bactrian.federation.opcua.nodes.max");
    }
}
