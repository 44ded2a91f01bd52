package io.bactrian.ship.routes;

import java.util.ArrayList;
import java.util.List;

/** The bean of the route that runs rsync: its arguments, each for itself. */
public final class RsyncArguments {
    private final String folder;
    private final String to;
    private final String ssh;
    private final String further;

    RsyncArguments(String folder, String to, String ssh, String further) {
        this.folder = folder;
        this.to = to;
        this.ssh = ssh;
        this.further = further;
    }

    /**
     * The arguments: further ones, how to start ssh, the content of the folder, and where to.
     *
     * @throws IllegalArgumentException if it is not said where to
     */
    public List<String> arguments() {
        if (to.isEmpty()) {
            throw new IllegalArgumentException("bactrian.ship.rsync.to= must say where rsync copies to");
        }
        List<String> arguments = new ArrayList<>();
        for (String argument : further.split(" +", -1)) {
            if (!argument.isEmpty()) {
                arguments.add(argument);
            }
        }
        arguments.add("--stats");
        arguments.add("--rsh=" + ssh);
        arguments.add("--");
        arguments.add(folder.endsWith("/") ? folder : folder + "/");
        arguments.add(to);
        return arguments;
    }
}
