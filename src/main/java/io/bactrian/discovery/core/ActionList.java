package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.List;

/** The actions of the event that is handled now, in order. */
final class ActionList {
    private List<Action> actions = new ArrayList<>();

    void add(Action action) {
        actions.add(action);
    }

    void send(String address, RouterMessage message) {
        actions.add(new Action.Send(address, message));
    }

    List<Action> drain() {
        if (actions.isEmpty()) {
            return List.of();
        }
        List<Action> all = actions;
        actions = new ArrayList<>();
        return all;
    }
}
