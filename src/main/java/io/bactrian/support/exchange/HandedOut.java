package io.bactrian.support.exchange;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The items that were handed out to those who poll and have not completed, in order. It counts as processed from the
 * beginning on, up to
 * the first that has not completed. If one fails, it and all after it are handed out again, in order, so nothing is skipped
 * and nothing overtakes. Thread-safe.
 *
 * @param <T> what is handed out
 */
public final class HandedOut<T> {
    /** One that was handed out. */
    public static final class Item<T> {
        private final T value;
        private boolean completed;
        private boolean takenBack;

        private Item(T value) {
            this.value = value;
        }

        public T value() {
            return value;
        }
    }

    private final Deque<Item<T>> underWay = new ArrayDeque<>();
    private final Deque<T> again = new ArrayDeque<>();
    private final int max;

    /**
     * Nothing handed out.
     *
     * @param max how many may be under way
     */
    public HandedOut(int max) {
        this.max = max;
    }

    /** Returns the item that failed and is handed out again before anything new; null if there is none. */
    public synchronized @Nullable T again() {
        return again.poll();
    }

    /**
     * Notes that one is handed out.
     *
     */
    public synchronized Item<T> hand(T value) {
        Item<T> item = new Item<>(value);
        underWay.add(item);
        return item;
    }

    /** Whether so many are under way that no more may be handed out. */
    public synchronized boolean isFull() {
        return underWay.size() >= max;
    }

    /** One has completed; returns the last up to which all have, null if one before it has not. */
    public synchronized @Nullable T completed(Item<T> item) {
        if (item.takenBack) {
            return null;
        }
        item.completed = true;
        T last = null;
        while (!underWay.isEmpty() && underWay.peek().completed) {
            last = underWay.remove().value;
        }
        return last;
    }

    /** One has failed: it and those after it are handed out again. */
    public synchronized void failed(Item<T> item) {
        if (item.takenBack) {
            return;
        }
        List<T> back = new ArrayList<>();
        boolean from = false;
        for (Item<T> one : underWay) {
            from |= one == item;
            if (from) {
                one.takenBack = true;
                back.add(one.value);
            }
        }
        underWay.removeIf(one -> one.takenBack);
        for (int i = back.size() - 1; i >= 0; i--) {
            again.addFirst(back.get(i));
        }
    }
}
