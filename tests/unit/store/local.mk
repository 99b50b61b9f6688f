if HAVE_CMOCKA
UNIT_TESTS += tests/unit/store/test_java_map tests/unit/store/test_offsets
tests_unit_store_test_java_map_SOURCES = tests/unit/store/test_java_map.c tests/unit/test.h
tests_unit_store_test_java_map_LDADD = libstore.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_store_test_offsets_SOURCES = tests/unit/store/test_offsets.c tests/unit/test.h
tests_unit_store_test_offsets_LDADD = libstore.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
endif
