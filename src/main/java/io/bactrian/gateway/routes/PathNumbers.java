package io.bactrian.gateway.routes;

import org.apache.camel.Exchange;

/** Numbers in paths: whole ones from 0 on. Anything else is no path of the gateway. */
final class PathNumbers {
    private static final int DIGITS_MAX = 18;

    private PathNumbers() {}

    /** The path parameter {@code id}, -1 if it is no such number. */
    static long id(Exchange exchange) {
        return number(exchange, "id");
    }

    /** A path parameter, -1 if it is no such number. */
    static long number(Exchange exchange, String name) {
        if (!(exchange.getMessage().getHeader(name) instanceof String text)
                || text.isEmpty()
                || text.length() > DIGITS_MAX) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            number = number * 10 + digit - '0';
        }
        return number;
    }

    static void notFound(Exchange exchange) {
        HttpAnswers.message(exchange, HttpAnswers.NOT_FOUND, "There is nothing at this path.");
    }
}
