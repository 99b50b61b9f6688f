penstock_SOURCES = src/main.c
penstock_LDADD = $(PENSTOCK_LIBS) $(RDKAFKA_LIBS) $(MICROHTTPD_LIBS) $(BASE_LIBS)
penstock_LDFLAGS = $(AM_LDFLAGS) -rdynamic
