package io.bactrian.pair.core;

/** Takes what a node has to say. Nothing of it is sure to arrive. */
public interface Outbox {
    void toPeer(PairMessage message);

    void toWitness(Witness.Request request);

    /** Something that an operator may want to know. */
    void event(PairEvent event);
}
