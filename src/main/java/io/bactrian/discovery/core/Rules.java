package io.bactrian.discovery.core;

/** The rules on which the promises of the discovery rest, each in one place, so that a test can break one and see that it is missed. */
class Rules {
    /** The rules as they are. */
    static final Rules STANDARD = new Rules();

    /** New news wins over old, in whatever order both arrive. */
    boolean wins(RegistryEntry challenger, RegistryEntry known) {
        return challenger.newerThan(known);
    }

    /** Who hears that it is suspect objects. */
    boolean objects() {
        return true;
    }

    /** The word of who is down itself counts for nothing. */
    boolean contains() {
        return true;
    }

    /** Digests are compared, so that what news did not reach is found. */
    boolean compares() {
        return true;
    }

    /** Others are asked to look at who does not answer. */
    boolean asksHelpers() {
        return true;
    }

    /** A newcomer decides nothing before it knows what the others know. */
    boolean catchesUp() {
        return true;
    }
}
