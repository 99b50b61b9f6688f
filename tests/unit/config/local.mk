if HAVE_CMOCKA
UNIT_TESTS += tests/unit/config/test_option
tests_unit_config_test_option_SOURCES = tests/unit/config/test_option.c tests/unit/test.h
tests_unit_config_test_option_LDADD = libconfig.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/config/test_props
tests_unit_config_test_props_SOURCES = tests/unit/config/test_props.c tests/unit/test.h
tests_unit_config_test_props_LDADD = libconfig.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
endif
