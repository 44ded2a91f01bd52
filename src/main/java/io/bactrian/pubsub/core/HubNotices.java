package io.bactrian.pubsub.core;

import java.util.ArrayList;
import java.util.List;

/** Takes what an operator should read: one line each. */
public interface HubNotices {
    void info(String line);

    void warn(String line);

    /**
     * The first lines of many, and how many more there are: what peers can make happen in any number does not fill the log.
     */
    static List<String> few(List<String> lines) {
        int most = 10;
        if (lines.size() <= most) {
            return lines;
        }
        List<String> few = new ArrayList<>(lines.subList(0, most));
        few.add("and " + (lines.size() - most) + " more like the last");
        return few;
    }
}
