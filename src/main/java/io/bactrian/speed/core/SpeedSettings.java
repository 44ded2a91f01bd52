package io.bactrian.speed.core;

/**
 * Bounds of the server. They are part of what the log means, so both nodes have the same.
 *
 * @param sensorsMax how many sensors are known
 * @param idleS a sensor that was silent for so long is forgotten
 * @param averagesMax how many Averages are kept for sensors that do not acknowledge
 */
public record SpeedSettings(int sensorsMax, long idleS, int averagesMax) {}
