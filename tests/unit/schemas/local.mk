if HAVE_CMOCKA
UNIT_TESTS += tests/unit/schemas/test_charset
tests_unit_schemas_test_charset_SOURCES = tests/unit/schemas/test_charset.c tests/unit/test.h
tests_unit_schemas_test_charset_LDADD = libschemas.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/schemas/test_json
tests_unit_schemas_test_json_SOURCES = tests/unit/schemas/test_json.c tests/unit/test.h
tests_unit_schemas_test_json_LDADD = libschemas.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/schemas/test_json_read
tests_unit_schemas_test_json_read_SOURCES = tests/unit/schemas/test_json_read.c tests/unit/test.h
tests_unit_schemas_test_json_read_LDADD = libschemas.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
endif
