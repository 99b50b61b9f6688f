#include "sinks/common/check.h"

#include <stdlib.h>

#include "sinks/common/writer.h"

static void check_error(struct kc_findings *findings, const char *setting, struct kc_error *err)
{
    char *text = kc_error_line(err);

    kc_find(findings, KC_ERROR, setting, "%s", text);
    free(text);
    kc_error_free(err);
}

static void check_login(const struct kc_check *check, const struct jdbc_driver *driver,
                        const struct jdbc_target *target, const struct jdbc_settings *settings)
{
    struct jdbc_conn *conn;
    struct kc_error *err = driver->connect(target, settings, check->stop_fd, &conn);

    if (err) {
        err = kc_while(err, "Could not connect to database.");
        check_error(check->findings, "connection.url", err);
        return;
    }
    driver->disconnect(conn);
}

void jdbc_check(const struct kc_check *check, enum jdbc_flavour flavour,
                const struct jdbc_driver *const *drivers)
{
    const struct jdbc_config *config = check->config;
    struct jdbc_settings settings = jdbc_settings_of(config, flavour);
    const struct jdbc_driver *driver = NULL;
    struct jdbc_url url = { 0 };
    struct kc_props params = { 0 };

    /* Debezium's validation looks at nothing beyond the single settings: the task fails instead. */
    if (flavour == JDBC_DEBEZIUM && check->depth == KC_CHECK_CONFIG)
        return;
    jdbc_settings_check(&settings, check->findings);
    struct kc_error *err = jdbc_url_parse(config->url, &url);
    if (!err)
        err = jdbc_driver_find(drivers, &url, config->dialect, &driver);
    if (err) {
        check_error(check->findings, "connection.url", err);
    } else {
        jdbc_driver_params(config, &url, &params);
        struct jdbc_target target = { &url, &params, config->user, config->password, "penstock check" };
        driver->check_target(&target, check->findings);
        if (flavour != JDBC_DEBEZIUM && !kc_findings_errors(check->findings))
            check_login(check, driver, &target, &settings);
    }
    kc_props_clear(&params);
    jdbc_url_clear(&url);
}
