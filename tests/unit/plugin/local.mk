if HAVE_CMOCKA
UNIT_TESTS += tests/unit/plugin/test_registry
tests_unit_plugin_test_registry_SOURCES = tests/unit/plugin/test_registry.c tests/unit/test.h
# All of the lower layers, for the shared object that the test loads.
tests_unit_plugin_test_registry_LDFLAGS = $(AM_LDFLAGS) -rdynamic -Wl,--whole-archive,libconfig.a,libdata.a,libbase.a,--no-whole-archive
tests_unit_plugin_test_registry_LDADD = $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
EXTRA_tests_unit_plugin_test_registry_DEPENDENCIES = examples/tick.so

UNIT_TESTS += tests/unit/plugin/test_conformance
tests_unit_plugin_test_conformance_SOURCES = tests/unit/plugin/test_conformance.c tests/unit/test.h
tests_unit_plugin_test_conformance_LDADD = libplugin.a $(PLUGIN_LIBS) $(BOTTOM_LIBS) $(PLUGIN_SYSTEM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/plugin/test_signal
tests_unit_plugin_test_signal_SOURCES = tests/unit/plugin/test_signal.c tests/unit/test.h
tests_unit_plugin_test_signal_LDADD = libplugin.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
endif
