package io.bactrian.pubsub.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.opentelemetry2.OpenTelemetryTracer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The route that puts a message and the route that gets it, each in a context of its own, are one trace. */
@Timeout(600)
class TraceOverTheHubTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private final List<SpanData> spans = new CopyOnWriteArrayList<>();

    private final class Collector implements SpanExporter {
        @Override
        public CompletableResultCode export(Collection<SpanData> ended) {
            spans.addAll(ended);
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    private DefaultCamelContext traced(BareHub hub, OpenTelemetrySdk telemetry, RouteBuilder routes) throws Exception {
        DefaultCamelContext camel = new DefaultCamelContext();
        camel.disableJMX();
        BactrianComponent component = new BactrianComponent();
        component.getConfiguration().setPublishPort(hub.publishPort());
        component.getConfiguration().setSubscribePort(hub.subscribePort());
        component.getConfiguration().setData(folder.resolve("data").toString());
        camel.addComponent("bactrian", component);
        camel.getRegistry().bind("tracer", telemetry.getTracer("test"));
        camel.getRegistry().bind("propagators", telemetry.getPropagators());
        new OpenTelemetryTracer().init(camel);
        camel.addRoutes(routes);
        camel.start();
        return camel;
    }

    @Test
    void thePutAndTheGetAreOneTrace() throws Exception {
        OpenTelemetrySdk telemetry = OpenTelemetrySdk.builder()
                .setTracerProvider(SdkTracerProvider.builder()
                        .addSpanProcessor(SimpleSpanProcessor.create(new Collector()))
                        .build())
                .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                .build();
        try (BareHub hub = new BareHub(folder.resolve("hub"));
                telemetry;
                DefaultCamelContext get = traced(hub, telemetry, new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("bactrian:t?subscriber=s").routeId("get").to("log:got?level=DEBUG");
                    }
                });
                DefaultCamelContext put = traced(hub, telemetry, new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:put").routeId("put").to("bactrian:t");
                    }
                })) {
            assertThat(get.isStarted()).isTrue();
            put.createProducerTemplate().requestBody("direct:put", "23");
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(spans.stream().map(SpanData::getName))
                            .containsExactlyInAnyOrder("put", "put", "bactrian", "bactrian", "log"));
            assertThat(spans.stream().map(SpanData::getTraceId).distinct()).hasSize(1);
            assertThat(spans.stream()
                            .filter(span -> span.getParentSpanContext().isRemote())
                            .map(SpanData::getName))
                    .containsExactly("bactrian");
        }
    }
}
