package io.bactrian.pubsub.routes;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ExpressionNode;
import org.apache.camel.model.Model;
import org.apache.camel.model.ModelLifecycleStrategySupport;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.model.language.MethodCallExpression;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.SimpleEventNotifierSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The beans of a hub, bound in a context with the first route that names one of them: Camel tells of a route before it looks
 * up the beans of its steps, also in a context that runs. The hub is made when a bean is looked up. Thread-safe.
 */
final class HubBeans extends ModelLifecycleStrategySupport {
    private static final Logger LOG = LoggerFactory.getLogger(HubBeans.class);
    private static final String BEAN_URI = "bean:";

    private record Bean(String name, Class<?> type, Function<Hub, Object> of) {}

    private static final List<Bean> BEANS = List.of(
            new Bean("bactrianHub", Hub.class, hub -> hub),
            new Bean("bactrianIntake", Intake.class, Hub::intake),
            new Bean("bactrianFeed", Feed.class, Hub::feed),
            new Bean("bactrianRetention", Hub.class, hub -> hub),
            new Bean("bactrianPlainPeers", PlainPeers.class, Hub::plainPeers));

    // A set that may be asked for null, which a parameter of a template can be.
    private static final Set<String> NAMES = BEANS.stream().map(Bean::name).collect(Collectors.toSet());

    private final CamelContext context;
    /** Apart from the lock under which a hub is made, which takes long. */
    private final Object binding = new Object();

    private boolean bound;
    private @Nullable Hub hub;

    HubBeans(CamelContext context) {
        this.context = context;
    }

    /** Watches the routes of a model, those that are there and those that come. */
    void watch(Model model) {
        List.copyOf(model.getRouteDefinitions()).forEach(this::onAddRouteDefinition);
        model.addModelLifecycleStrategy(this);
    }

    @Override
    public void onAddRouteDefinition(RouteDefinition route) {
        if (isOfHub(route)) {
            bind();
        }
    }

    /** Whether a route names one of the beans. */
    boolean isOfHub(RouteDefinition route) {
        Map<String, Object> parameters = route.getTemplateParameters();
        return (parameters != null && parameters.values().stream().anyMatch(NAMES::contains))
                || names(route.getOutputs()).map(this::resolved).anyMatch(NAMES::contains);
    }

    /** The names of beans in steps, in conditions, and in URIs. */
    private static Stream<String> names(List<ProcessorDefinition<?>> steps) {
        Stream<String> beans = ProcessorDefinitionHelper.filterTypeInOutputs(steps, BeanDefinition.class).stream()
                .map(BeanDefinition::getRef);
        Stream<String> expressions = ProcessorDefinitionHelper.filterTypeInOutputs(steps, ExpressionNode.class).stream()
                .map(ExpressionNode::getExpression)
                .filter(MethodCallExpression.class::isInstance)
                .map(expression -> ((MethodCallExpression) expression).getRef());
        Stream<String> uris = ProcessorDefinitionHelper.filterTypeInOutputs(steps, SendDefinition.class).stream()
                .map(step -> step.getUri())
                .filter(uri -> uri != null && uri.startsWith(BEAN_URI))
                .map(uri -> uri.substring(BEAN_URI.length()).replaceFirst("\\?.*", ""));
        return Stream.of(beans, expressions, uris).flatMap(Function.identity()).filter(name -> name != null);
    }

    /** With the values of properties, as far as the context knows them. */
    private String resolved(String name) {
        try {
            return context.resolvePropertyPlaceholders(name);
        } catch (IllegalArgumentException e) {
            LOG.debug("a bean's name is looked at without its properties name={}", name, e);
            return name;
        }
    }

    private void bind() {
        synchronized (binding) {
            if (bound) {
                return;
            }
            bound = true;
            Registry registry = context.getRegistry();
            for (Bean bean : BEANS) {
                // A bean that the application has under this name stays.
                if (registry.lookupByName(bean.name) == null) {
                    registry.bind(bean.name, bean.type, () -> bean.of.apply(hub()));
                }
            }
        }
    }

    /** The hub of the context, made at the first use. */
    synchronized Hub hub() {
        Hub made = hub;
        if (made == null) {
            made = new Hub(context);
            try {
                made.liveWith(context);
            } catch (Exception e) {
                made.abandon();
                throw RuntimeCamelException.wrapRuntimeCamelException(e);
            }
            context.getManagementStrategy().addEventNotifier(new StopsBeforeItsLog(made));
            hub = made;
        }
        return made;
    }

    /** Camel stops endpoints, and so the log, before services: a hub that is to write its last checkpoint stops before both. */
    private static final class StopsBeforeItsLog extends SimpleEventNotifierSupport {
        private final Hub hub;

        private StopsBeforeItsLog(Hub hub) {
            this.hub = hub;
        }

        @Override
        public void notify(CamelEvent event) {
            if (event instanceof CamelEvent.CamelContextRoutesStoppedEvent) {
                hub.endLife();
            }
        }
    }
}
