package io.bactrian.federation.core;

import java.util.ArrayList;
import java.util.List;

/**
 * The actions after an event, in this order: keep the records, then send, then tell. For one thread.
 */
public final class Actions {
    private final List<StateRecord> records = new ArrayList<>();
    private final List<Outgoing> outgoing = new ArrayList<>();
    private final List<StateEntry> changes = new ArrayList<>();
    private final List<ActorCommand> deliveries = new ArrayList<>();
    private final List<CommandReply> replies = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<HistoryEntry> history = new ArrayList<>();

    /**
     * Something that an operator may want to know; it is counted by its kind.
     *
     * @param kind a short name such as {@code foreign-update}
     * @param warning whether it is logged as a warning
     * @param text one sentence
     */
    public record Event(String kind, boolean warning, String text) {}

    /** Returns the records that the journal must hold before anything is sent. */
    public List<StateRecord> records() {
        return records;
    }

    /** Returns the entries that the history's journal must hold before anything is sent. */
    public List<HistoryEntry> history() {
        return history;
    }

    /** The messages to send. */
    public List<Outgoing> outgoing() {
        return outgoing;
    }

    /** The changes of the state, for those who watch it. */
    public List<StateEntry> changes() {
        return changes;
    }

    /** The commands to actors of this node. */
    public List<ActorCommand> deliveries() {
        return deliveries;
    }

    /** The answers to commands of this node's own actors. */
    public List<CommandReply> replies() {
        return replies;
    }

    /** Returns the events. */
    public List<Event> events() {
        return events;
    }

    /** Numbers only, for logs. */
    @Override
    public String toString() {
        return "Actions[records=" + records.size() + " history=" + history.size() + " outgoing=" + outgoing.size()
                + " changes=" + changes.size() + " deliveries=" + deliveries.size() + " replies=" + replies.size()
                + " events=" + events.size() + "]";
    }

    /** Adds what another event wants, after this one's. */
    public void addAll(Actions other) {
        records.addAll(other.records);
        outgoing.addAll(other.outgoing);
        changes.addAll(other.changes);
        deliveries.addAll(other.deliveries);
        replies.addAll(other.replies);
        events.addAll(other.events);
        history.addAll(other.history);
    }

    /** Drops the messages, of what could not be kept and is to be tried again: neighbours ask for what they lack. */
    public void dropMessages() {
        outgoing.clear();
    }

    void note(String kind, String text) {
        events.add(new Event(kind, false, AlarmBook.line(text)));
    }

    void warn(String kind, String text) {
        events.add(new Event(kind, true, AlarmBook.line(text)));
    }
}
