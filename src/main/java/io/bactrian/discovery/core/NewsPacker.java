package io.bactrian.discovery.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts news into the room that a datagram has. */
final class NewsPacker {
    /** What the head of a datagram takes at most. */
    private static final int HEAD = 320;

    private final RouterSettings settings;
    private final ClusterState state;

    NewsPacker(RouterSettings settings, ClusterState state) {
        this.settings = settings;
        this.state = state;
    }

    int room() {
        return settings.datagramBytes() - HEAD;
    }

    /** News, with one entry before all others. */
    List<RegistryEntry> first(@Nullable RegistryEntry first) {
        if (first == null) {
            return state.broadcasts().take(room(), times());
        }
        List<RegistryEntry> entries = new ArrayList<>();
        entries.add(first);
        entries.addAll(state.broadcasts().take(room() - Broadcasts.octets(first), times()));
        return entries;
    }

    /** News for a number of datagrams; nothing twice. */
    List<List<RegistryEntry>> several(int datagrams) {
        // A datagram is never quite full, so there is room for less than their sum.
        int octets = room() + (datagrams - 1) * room() / 2;
        return split(state.broadcasts().take(octets, times()));
    }

    /** How often each piece of news is passed on. */
    int times() {
        return settings.retransmitMult()
                * (int) Math.ceil(Math.log10(state.others().size() + 2.0));
    }

    /** Splits entries so that each part fits into a datagram. */
    List<List<RegistryEntry>> split(List<RegistryEntry> entries) {
        List<List<RegistryEntry>> parts = new ArrayList<>();
        List<RegistryEntry> part = new ArrayList<>();
        int octets = 0;
        for (RegistryEntry entry : entries) {
            if (octets + Broadcasts.octets(entry) > room() && !part.isEmpty()) {
                parts.add(part);
                part = new ArrayList<>();
                octets = 0;
            }
            part.add(entry);
            octets += Broadcasts.octets(entry);
        }
        if (!part.isEmpty()) {
            parts.add(part);
        }
        return parts;
    }
}
