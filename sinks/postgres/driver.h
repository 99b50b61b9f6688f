/* PostgreSQL for the JDBC sink. Layer: sinks. */
#ifndef SINKS_POSTGRES_DRIVER_H
#define SINKS_POSTGRES_DRIVER_H

#include "sinks/common/driver.h"

extern const struct jdbc_driver jdbc_postgres_driver;

#endif
