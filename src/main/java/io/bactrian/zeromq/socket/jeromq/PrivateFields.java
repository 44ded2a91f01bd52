package io.bactrian.zeromq.socket.jeromq;

import java.lang.reflect.Field;

/** Opens what JeroMQ keeps to itself. */
final class PrivateFields {
    private PrivateFields() {}

    /**
     * @throws ReflectiveOperationException if there is no such field
     * @throws RuntimeException if JeroMQ is a module that does not open it to us
     */
    static Object read(Class<?> type, Object owner, String name) throws ReflectiveOperationException {
        return open(type, name).get(owner);
    }

    /**
     * @throws ReflectiveOperationException if there is no such field
     * @throws RuntimeException if JeroMQ is a module that does not open it to us
     */
    static Field open(Class<?> type, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }
}
