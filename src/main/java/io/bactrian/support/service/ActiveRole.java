package io.bactrian.support.service;

/**
 * One of several processes that stand in for each other. What it registers says whether it is the active one, and since which
 * epoch. Thread-safe.
 */
public interface ActiveRole {
    /** Whether it is the active one now. */
    boolean active();

    /** Rises with each takeover. Of two that both claim to be active, the one with the higher epoch is. */
    int epoch();

    /** Calls the listener at each change of the role. It must not block. */
    void onRoleChange(Runnable listener);
}
