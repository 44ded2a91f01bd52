package io.bactrian.support.text;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which requests come from a page of another site that a browser shows. A browser says so itself, in headers that a page cannot set; other
 * clients do not send them. Any thread.
 */
public final class BrowserPages {
    private static final Pattern HOST = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^:\\[\\]/@?#]+)(:[0-9]{1,5})?");
    private static final Pattern IP_4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");

    private BrowserPages() {}

    /**
     * Whether a request comes from a page of another site, or of another port.
     *
     * @param fetchSite the header Sec-Fetch-Site
     * @param origin the header Origin
     * @param host the header Host
     */
    public static boolean isOfAnotherSite(@Nullable String fetchSite, @Nullable String origin, @Nullable String host) {
        if (fetchSite != null) {
            // A proxy may have put another name into Host, and the browser has compared what it knows.
            return !fetchSite.equals("same-origin") && !fetchSite.equals("none");
        }
        return origin != null
                && !origin.equalsIgnoreCase("http://" + host)
                && !origin.equalsIgnoreCase("https://" + host);
    }

    /**
     * The name in the header Host in small letters, {@code localhost} for any address, because an address cannot be rebound; empty if it is
     * no host.
     */
    public static String name(String host) {
        Matcher parts = HOST.matcher(host);
        if (!parts.matches()) {
            return "";
        }
        String name = parts.group(1).toLowerCase(Locale.ROOT);
        return name.startsWith("[") || IP_4.matcher(name).matches() ? "localhost" : name;
    }
}
