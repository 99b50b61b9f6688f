if HAVE_CMOCKA
UNIT_TESTS += tests/unit/sources/test_file
tests_unit_sources_test_file_SOURCES = tests/unit/sources/test_file.c tests/unit/test.h
tests_unit_sources_test_file_LDADD = libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/sources/test_cdc
tests_unit_sources_test_cdc_SOURCES = tests/unit/sources/test_cdc.c tests/unit/test.h
tests_unit_sources_test_cdc_LDADD = libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/sources/test_increments
tests_unit_sources_test_increments_SOURCES = tests/unit/sources/test_increments.c tests/unit/test.h
tests_unit_sources_test_increments_LDADD = libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/sources/test_java_array
tests_unit_sources_test_java_array_SOURCES = tests/unit/sources/test_java_array.c tests/unit/test.h
tests_unit_sources_test_java_array_LDADD = libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/sources/test_signals
tests_unit_sources_test_signals_SOURCES = tests/unit/sources/test_signals.c tests/unit/test.h
tests_unit_sources_test_signals_LDADD = libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/sources/test_channels
tests_unit_sources_test_channels_SOURCES = tests/unit/sources/test_channels.c tests/unit/test.h
tests_unit_sources_test_channels_LDADD = libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/sources/test_notifications
tests_unit_sources_test_notifications_SOURCES = tests/unit/sources/test_notifications.c tests/unit/test.h
tests_unit_sources_test_notifications_LDADD = libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
if WITH_POSTGRES
UNIT_TESTS += tests/unit/sources/test_pg_lag
tests_unit_sources_test_pg_lag_SOURCES = tests/unit/sources/test_pg_lag.c tests/unit/test.h
tests_unit_sources_test_pg_lag_LDADD = libpostgres_source.a libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/sources/test_pg_visible
tests_unit_sources_test_pg_visible_SOURCES = tests/unit/sources/test_pg_visible.c tests/unit/test.h
tests_unit_sources_test_pg_visible_LDADD = libpostgres_source.a libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/sources/test_pg_position tests/unit/sources/test_pg_types
tests_unit_sources_test_pg_position_SOURCES = tests/unit/sources/test_pg_position.c tests/unit/test.h
tests_unit_sources_test_pg_position_LDADD = libpostgres_source.a libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
tests_unit_sources_test_pg_types_SOURCES = tests/unit/sources/test_pg_types.c tests/unit/test.h
tests_unit_sources_test_pg_types_LDADD = libpostgres_source.a libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/sources/test_pg_settings
tests_unit_sources_test_pg_settings_SOURCES = tests/unit/sources/test_pg_settings.c tests/unit/test.h
tests_unit_sources_test_pg_settings_CFLAGS = $(AM_CFLAGS) $(LIBPQ_CFLAGS)
tests_unit_sources_test_pg_settings_LDADD = libpostgres_source.a libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(LIBPQ_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/sources/test_pg_identity
tests_unit_sources_test_pg_identity_SOURCES = tests/unit/sources/test_pg_identity.c tests/unit/test.h
tests_unit_sources_test_pg_identity_CFLAGS = $(AM_CFLAGS) $(LIBPQ_CFLAGS)
tests_unit_sources_test_pg_identity_LDADD = libpostgres_source.a libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(LIBPQ_LIBS) $(CMOCKA_LIBS)
UNIT_TESTS += tests/unit/sources/test_pg_chunk
tests_unit_sources_test_pg_chunk_SOURCES = tests/unit/sources/test_pg_chunk.c tests/unit/test.h
tests_unit_sources_test_pg_chunk_CFLAGS = $(AM_CFLAGS) $(LIBPQ_CFLAGS)
tests_unit_sources_test_pg_chunk_LDADD = libpostgres_source.a libsources.a $(BOTTOM_LIBS) $(BASE_LIBS) $(LIBPQ_LIBS) $(CMOCKA_LIBS)
endif
endif
