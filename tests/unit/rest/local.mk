if HAVE_CMOCKA
UNIT_TESTS += tests/unit/rest/test_http
tests_unit_rest_test_http_SOURCES = tests/unit/rest/test_http.c tests/unit/test.h
tests_unit_rest_test_http_LDADD = librest.a libbase.a $(BASE_LIBS) $(CMOCKA_LIBS)
endif
