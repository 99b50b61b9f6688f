if HAVE_CMOCKA
UNIT_TESTS += tests/unit/transforms/test_unwrap
tests_unit_transforms_test_unwrap_SOURCES = tests/unit/transforms/test_unwrap.c tests/unit/test.h
tests_unit_transforms_test_unwrap_LDADD = libtransforms.a libplugin.a libconfig.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
endif
