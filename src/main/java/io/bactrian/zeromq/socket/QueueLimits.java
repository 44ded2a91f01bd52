package io.bactrian.zeromq.socket;

/**
 * How much may wait in a socket, and how large a message may be. The names of the components are the names of the endpoint
 * options.
 *
 * @param sendHighWaterMark messages for each peer, 0 for no limit
 * @param receiveHighWaterMark messages for each peer, 0 for no limit
 * @param linger how long a close tries to send what is queued
 * @param maxFrameBytes a peer that sends a larger frame is disconnected
 * @param maxFrames a message of more frames is dropped
 * @param pendingQueue items (messages or batches) that wait for the owner thread
 * @param curveBacklogBytes with CURVE, how much may wait that was received, in place of the receive high-water mark
 */
public record QueueLimits(
        int sendHighWaterMark,
        int receiveHighWaterMark,
        int linger,
        int maxFrameBytes,
        int maxFrames,
        int pendingQueue,
        int curveBacklogBytes) {}
