package io.bactrian.federation.core;

import java.util.List;

/** Says everything that is wrong with a topology at once: the key, and what would be right. */
public final class TopologyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    public TopologyException(String source, List<String> problems) {
        super(source + " is wrong in " + problems.size() + (problems.size() == 1 ? " place:" : " places:") + "\n  - "
                + String.join("\n  - ", problems));
        this.problems = List.copyOf(problems);
    }

    /** Each problem in a line. */
    public List<String> problems() {
        return problems;
    }
}
