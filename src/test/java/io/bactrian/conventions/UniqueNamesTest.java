package io.bactrian.conventions;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A name means one thing, in tests too: who reads it in one package needs not ask which of two it is. */
class UniqueNamesTest {
    private static JavaClasses classes;

    @BeforeAll
    static void read() {
        classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.bactrian");
    }

    @Test
    void noTwoClassesHaveOneName() {
        Map<String, List<String>> named = topLevel(new ClassFileImporter().importPackages("io.bactrian"));
        named.values().removeIf(names -> names.size() == 1);
        assertThat(named).isEmpty();
    }

    /** The members of a closed family, such as the commands of the wire, are written with the name of the family. */
    @Test
    void noNestedClassHasTheNameOfAnother() {
        Map<String, List<String>> named = topLevel(classes);
        assertThat(named).hasSizeGreaterThan(500);
        List<String> confusing = classes.stream()
                .filter(type -> type.isMemberClass()
                        && named.containsKey(type.getSimpleName())
                        && !type.isAssignableTo(
                                type.getEnclosingClass().orElseThrow().getName()))
                .map(JavaClass::getName)
                .sorted()
                .toList();
        assertThat(confusing).isEmpty();
    }

    private static Map<String, List<String>> topLevel(JavaClasses types) {
        return types.stream()
                .filter(type -> type.isTopLevelClass() && !type.getSimpleName().equals("package-info"))
                .collect(Collectors.groupingBy(
                        JavaClass::getSimpleName, Collectors.mapping(JavaClass::getName, Collectors.toList())));
    }
}
