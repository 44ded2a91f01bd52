package io.bactrian.pubsub.client;

import java.util.Map;
import java.util.regex.Matcher;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.EndpointHelper;
import org.apache.camel.support.component.SendDynamicAwareSupport;
import org.jspecify.annotations.Nullable;

/**
 * Takes the topic of {@code toD: bactrian:${header.room}} as the expression gives it, whatever characters it has. It goes in the header of
 * one endpoint, so that no endpoint is made for each topic. An expression among the options is left to Camel.
 */
public class BactrianSendDynamicAware extends SendDynamicAwareSupport {
    /** The path of the endpoint that all share. */
    private static final String PATH = "dynamic";

    private static final String TOPIC = "topic";
    private static final String OPTIONS = "options";
    private static final String TOPIC_FROM_HEADER = "topicFromHeader";
    private static final String OWN_TOPIC = "exactTopic";

    /** The path up to its last expression, what follows it, and the options. */
    private static final java.util.regex.Pattern TEMPLATE =
            java.util.regex.Pattern.compile("(?s)[^?:]+:(//)?([^?$]*\\$\\{[^}]*})+[^?]*(\\?.*)?");

    @Override
    public boolean isLenientProperties() {
        return false;
    }

    @Override
    public @Nullable DynamicAwareEntry prepare(Exchange exchange, String uri, String originalUri) {
        Matcher template = TEMPLATE.matcher(originalUri);
        if (!template.matches()) {
            return null;
        }
        String options = template.group(3) == null
                ? ""
                : EndpointHelper.resolveEndpointUriPropertyPlaceholders(getCamelContext(), template.group(3));
        if (!uri.endsWith(options) || options.contains(TOPIC_FROM_HEADER) || options.contains(OWN_TOPIC)) {
            return null;
        }
        String begin = getScheme() + ":" + (template.group(1) == null ? "" : "//");
        if (!uri.startsWith(begin)) {
            return null;
        }
        String topic = uri.substring(begin.length(), uri.length() - options.length());
        return new DynamicAwareEntry(uri, originalUri, Map.of(TOPIC, Pattern.topic(topic), OPTIONS, options), Map.of());
    }

    @Override
    public String resolveStaticUri(Exchange exchange, DynamicAwareEntry entry) {
        String options = String.valueOf(entry.getProperties().get(OPTIONS));
        return getScheme() + ":" + PATH + (options.isEmpty() ? "?" : options + "&") + TOPIC_FROM_HEADER + "=true";
    }

    @Override
    public Processor createPreProcessor(Exchange exchange, DynamicAwareEntry entry) {
        Object topic = entry.getProperties().get(TOPIC);
        return sent -> sent.getMessage().setHeader(BactrianConstants.TOPIC, topic);
    }

    @Override
    public Processor createPostProcessor(Exchange exchange, DynamicAwareEntry entry) {
        boolean had = exchange.getMessage().getHeaders().containsKey(BactrianConstants.TOPIC);
        Object former = exchange.getMessage().getHeader(BactrianConstants.TOPIC);
        return sent -> {
            if (had) {
                sent.getMessage().setHeader(BactrianConstants.TOPIC, former);
            } else {
                sent.getMessage().removeHeader(BactrianConstants.TOPIC);
            }
        };
    }
}
