noinst_LIBRARIES += libflow.a
libflow_a_SOURCES =
