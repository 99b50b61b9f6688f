if HAVE_CMOCKA
UNIT_TESTS += tests/unit/data/test_decimal
tests_unit_data_test_decimal_SOURCES = tests/unit/data/test_decimal.c tests/unit/test.h
tests_unit_data_test_decimal_LDADD = libdata.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/data/test_number_text
tests_unit_data_test_number_text_SOURCES = tests/unit/data/test_number_text.c tests/unit/test.h
tests_unit_data_test_number_text_LDADD = libdata.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/data/test_record
tests_unit_data_test_record_SOURCES = tests/unit/data/test_record.c tests/unit/test.h
tests_unit_data_test_record_LDADD = libdata.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/data/test_schema
tests_unit_data_test_schema_SOURCES = tests/unit/data/test_schema.c tests/unit/test.h
tests_unit_data_test_schema_LDADD = libdata.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/data/test_java_text
tests_unit_data_test_java_text_SOURCES = tests/unit/data/test_java_text.c tests/unit/test.h
tests_unit_data_test_java_text_LDADD = libdata.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/data/test_literal
tests_unit_data_test_literal_SOURCES = tests/unit/data/test_literal.c tests/unit/test.h
tests_unit_data_test_literal_LDADD = libdata.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/data/test_java_date
tests_unit_data_test_java_date_SOURCES = tests/unit/data/test_java_date.c tests/unit/test.h
tests_unit_data_test_java_date_LDADD = libdata.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
endif
