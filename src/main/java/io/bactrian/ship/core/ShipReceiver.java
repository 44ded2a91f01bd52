package io.bactrian.ship.core;

import io.bactrian.support.text.FileErrors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A folder that senders keep equal to theirs, as a state machine: a frame in, at most one frame out. It trusts no frame:
 * names stay within the folder, and every count and size is bounded. Each call does a bounded piece of work, but the last
 * of a round deletes all that is to be deleted. One thread at a time.
 */
public final class ShipReceiver implements AutoCloseable {
    private final Path folder;
    private final ReceiverSettings settings;
    private final ShipEvents events;
    private final EarlyForce earlyForce;
    private final Disk disk;
    private final Map<Long, ReceiveSession> sessions = new LinkedHashMap<>();
    private final List<Long> endedSessions = new ArrayList<>();
    private final Map<String, ReceiverFolder> receiverFolders = new LinkedHashMap<>();
    private final ReceiverMemory memory = new ReceiverMemory();

    /** A receiver into a folder, which is made when the first sender comes. */
    public ShipReceiver(Path folder, ReceiverSettings settings, ShipEvents events) {
        this(folder, settings, events, EarlyForce.NONE);
    }

    /** The same, with a way to force large files beside its own work. */
    public ShipReceiver(Path folder, ReceiverSettings settings, ShipEvents events, EarlyForce earlyForce) {
        this(folder, settings, events, earlyForce, Disk.REAL);
    }

    ShipReceiver(Path folder, ReceiverSettings settings, ShipEvents events, EarlyForce earlyForce, Disk disk) {
        this.folder = folder;
        this.settings = settings;
        this.events = events;
        this.earlyForce = earlyForce;
        this.disk = disk;
    }

    /**
     * Takes a frame of a sender.
     *
     * @param nowMs by a clock that only moves on
     * @return the answer, or null if there is none
     */
    public byte @Nullable [] receive(byte[] octets, long nowMs) {
        ShipFrames.Envelope envelope;
        try {
            envelope = ShipFrames.decode(octets);
        } catch (ShipException e) {
            events.refused(e.reason(), Names.shownReason(e.text()));
            return refuse(octets, e);
        }
        try {
            if (!(envelope.frame() instanceof Frame.Request request)) {
                throw new ShipException(ShipErrorCode.MALFORMED, "a sender asks, it does not answer");
            }
            Frame.Answer answer = session(envelope, nowMs).receive(request, nowMs);
            if (answer == null) {
                return null;
            }
            if (answer instanceof Frame.Closed closed) {
                ended(envelope.session(), closed);
            }
            return ShipFrames.encode(envelope.session(), envelope.request(), answer, Packing.RAW);
        } catch (ShipException e) {
            events.refused(e.reason(), Names.shownReason(e.text()));
            if (e.reason() != ShipErrorCode.BUSY && e.reason() != ShipErrorCode.UNKNOWN_SESSION) {
                forget(envelope.session());
            }
            Frame.Refused refused = new Frame.Refused(e.reason(), e.text());
            return ShipFrames.encode(envelope.session(), envelope.request(), refused, Packing.RAW);
        }
    }

    /** What is not a frame of ours is not answered; what is one, and wrong, is. */
    private byte @Nullable [] refuse(byte[] octets, ShipException e) {
        if (octets.length < 12 || (octets[0] & 0xFF) != ShipFrames.MAGIC) {
            return null;
        }
        Frame.Refused refused = new Frame.Refused(e.reason(), e.text());
        try {
            ShipFrames.Envelope head = ShipFrames.head(octets, refused);
            forget(head.session());
            return ShipFrames.encode(head.session(), head.request(), refused, Packing.RAW);
        } catch (ShipException headless) {
            return null;
        }
    }

    private ReceiveSession session(ShipFrames.Envelope envelope, long nowMs) throws ShipException {
        ReceiveSession session = sessions.get(envelope.session());
        if (session != null) {
            return session;
        }
        if (!(envelope.frame() instanceof Frame.Open open)) {
            throw new ShipException(ShipErrorCode.UNKNOWN_SESSION, "the session is not known, or no longer");
        }
        expire(nowMs);
        for (ReceiveSession other : sessions.values()) {
            if (!other.finished() && overlaps(other.target(), open.folder())) {
                throw new ShipException(ShipErrorCode.BUSY, "another sender ships into this folder");
            }
        }
        if (sessions.size() >= settings.sessionsMax() && !forgetFinished()) {
            throw new ShipException(
                    ShipErrorCode.TOO_MANY_SESSIONS, "more than " + settings.sessionsMax() + " senders");
        }
        ReceiveSession opened = new ReceiveSession(
                envelope.session(), open, receiverFolder(open.folder()), settings, memory, events, earlyForce, nowMs);
        sessions.put(envelope.session(), opened);
        return opened;
    }

    private static boolean overlaps(String a, String b) {
        return a.equals(b) || a.isEmpty() || b.isEmpty() || a.startsWith(b + '/') || b.startsWith(a + '/');
    }

    private ReceiverFolder receiverFolder(String target) throws ShipException {
        ReceiverFolder receiverFolder = known(target);
        if (receiverFolder == null) {
            Path path = folder;
            if (!target.isEmpty()) {
                Names.check(target);
                Names.checkHere(target);
                path = Names.below(folder.toAbsolutePath(), target);
            }
            try {
                forgetFolder();
                receiverFolder = ReceiverFolder.open(path, disk);
            } catch (IOException e) {
                throw new ShipException(
                        ShipErrorCode.IO_ERROR, "the receiver's folder cannot be opened: " + FileErrors.say(e));
            }
            receiverFolders.put(target, receiverFolder);
        }
        return receiverFolder;
    }

    /** The folder of a target, if it is open and has not been deleted, or replaced by another one, since. */
    private @Nullable ReceiverFolder known(String target) throws ShipException {
        ReceiverFolder receiverFolder = receiverFolders.get(target);
        try {
            if (receiverFolder != null && !receiverFolder.isThere()) {
                receiverFolders.remove(target);
                receiverFolder.close();
                return null;
            }
        } catch (IOException e) {
            throw new ShipException(
                    ShipErrorCode.IO_ERROR, "the receiver's folder cannot be read: " + FileErrors.say(e));
        }
        return receiverFolder;
    }

    /** Senders choose the folders: of those that nobody ships into now, only as many stay open as there may be senders. */
    private void forgetFolder() throws IOException {
        if (receiverFolders.size() >= settings.sessionsMax()) {
            Set<String> inUse = new HashSet<>();
            sessions.values().forEach(session -> inUse.add(session.target()));
            for (String target : List.copyOf(receiverFolders.keySet())) {
                ReceiverFolder receiverFolder = inUse.contains(target) ? null : receiverFolders.remove(target);
                if (receiverFolder != null) {
                    receiverFolder.close();
                    return;
                }
            }
        }
    }

    private void ended(long session, Frame.Closed closed) throws ShipException {
        ReceiveSession inbound = sessions.get(session);
        if (inbound != null && !endedSessions.contains(session)) {
            endedSessions.add(session);
            events.finished(Names.shown(inbound.target()), closed.deleted());
        }
    }

    /** A session that has ended is kept while there is room, to answer again if the answer was lost. */
    private boolean forgetFinished() throws ShipException {
        for (ReceiveSession session : sessions.values()) {
            if (session.finished()) {
                forget(session.session());
                return true;
            }
        }
        return false;
    }

    private void forget(long session) {
        ReceiveSession gone = sessions.remove(session);
        endedSessions.remove(session);
        if (gone != null) {
            try {
                gone.close();
            } catch (IOException e) {
                // Parts that cannot be put aside are found, or not, by the next round, which proves them.
                events.refused(
                        ShipErrorCode.IO_ERROR, Names.shownReason("a part cannot be put aside: " + FileErrors.say(e)));
            }
        }
    }

    /** Forgets senders that have been silent for too long; call it from time to time. */
    public void expire(long nowMs) {
        List<Long> silent = new ArrayList<>();
        for (ReceiveSession session : sessions.values()) {
            if (nowMs - session.heardMs() > settings.idleMs()) {
                silent.add(session.session());
            }
        }
        silent.forEach(this::forget);
    }

    /** How many senders are known now. */
    public int sessions() {
        return sessions.size();
    }

    /** Ends all sessions; what has come of files that are not whole is kept. */
    @Override
    public void close() throws IOException {
        new ArrayList<>(sessions.keySet()).forEach(this::forget);
        for (ReceiverFolder receiverFolder : receiverFolders.values()) {
            receiverFolder.close();
        }
        receiverFolders.clear();
    }
}
