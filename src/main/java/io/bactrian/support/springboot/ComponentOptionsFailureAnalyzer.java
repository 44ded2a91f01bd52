package io.bactrian.support.springboot;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Makes the few lines of a start that failed of {@link ComponentOptionsException}, in place of a stack trace. */
class ComponentOptionsFailureAnalyzer extends AbstractFailureAnalyzer<ComponentOptionsException> {
    @Override
    protected FailureAnalysis analyze(Throwable failure, ComponentOptionsException cause) {
        return new FailureAnalysis(
                cause.getMessage(),
                "Correct these properties; META-INF/spring-configuration-metadata.json in the jar of Bactrian lists all.",
                cause);
    }
}
