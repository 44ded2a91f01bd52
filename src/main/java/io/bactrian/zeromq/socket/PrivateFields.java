package io.bactrian.zeromq.socket;

import java.lang.reflect.Field;

/** Reads what JeroMQ keeps to itself. */
final class PrivateFields {
    private PrivateFields() {}

    /**
     * @throws ReflectiveOperationException if there is no such field
     * @throws RuntimeException if JeroMQ is a module that does not open it to us
     */
    static Object read(Class<?> type, Object owner, String name) throws ReflectiveOperationException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(owner);
    }
}
