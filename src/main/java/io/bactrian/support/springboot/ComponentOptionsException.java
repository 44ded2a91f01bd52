package io.bactrian.support.springboot;

import java.util.List;

/** Properties of an application that cannot be options of a component. The message names each of them and shows no text that may be a secret. */
final class ComponentOptionsException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    ComponentOptionsException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
    }
}
