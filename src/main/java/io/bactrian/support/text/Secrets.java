package io.bactrian.support.text;

import java.util.regex.Pattern;

/** Hides secrets in text that somebody reads: messages, logs, URLs. Any thread. */
public final class Secrets {
    /** Stands where a secret was, as in Camel. */
    public static final String HIDDEN = "xxxxxx";

    /**
     * What follows a name with one of these words. A value in Camel's RAW() may contain anything and ends where the parameter ends, and
     * another may contain what separates words elsewhere: it is better to hide too much.
     */
    private static final Pattern VALUE = Pattern.compile("(?i)([\\w.-]*(?:password|passphrase|secret)[\\w.-]*\\s*=\\s*)"
            + "(RAW\\(.*?\\)(?![^\\s&;,\"'\\])}])|RAW\\{.*?}(?![^\\s&;,\"'\\])}])|[^\\s&\"]+)");

    /** A user's password before the host of a URL, or of what is left of one. */
    private static final Pattern USER_INFO = Pattern.compile("([^\\s/@:]+:)[^\\s/]+@");

    private Secrets() {}

    /** Whether a name says that its value is a secret. */
    public static boolean isNamed(String name) {
        return name.matches("(?i).*(password|passphrase|secret(?!.*file)).*");
    }

    /** The text without the values of names such as {@code plainPassword}, {@code curveSecretKey}, {@code PASSWORD}. */
    public static String hide(String text) {
        String hidden = VALUE.matcher(text).replaceAll("$1" + HIDDEN);
        return USER_INFO.matcher(hidden).replaceAll("$1" + HIDDEN + "@");
    }
}
