if HAVE_CMOCKA
UNIT_TESTS += tests/unit/base/test_buf
tests_unit_base_test_buf_SOURCES = tests/unit/base/test_buf.c tests/unit/test.h
tests_unit_base_test_buf_LDADD = libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
endif
