#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "herder/internal.h"
#include "flow/clients.h"

#define CLUSTER_TIMEOUT_MS 5000
#define CLUSTER_PAUSE_MS 10000 /* after a failure */

/* The id of the Kafka cluster, asked for when somebody wants to know: a worker that has nothing to
 * do needs no Kafka client. One question serves all who wait. */
struct cluster_job {
    struct job job; /* first */
    struct herder *herder;
    struct kc_props props;
    char *id;
    struct kc_error *error;
};

static void cluster_run(struct job *job)
{
    struct cluster_job *cluster = (struct cluster_job *)job;
    struct admin *admin = NULL;
    cluster->error = admin_new(&cluster->props, &admin);
    if (!cluster->error)
        cluster->error = admin_cluster_id(admin, CLUSTER_TIMEOUT_MS, &cluster->id);
    admin_free(admin);
}

static void answer(struct herder *herder, struct herder_request *request)
{
    herder_answer(request, 200,
                  herder->cluster_id ? kc_json_new_string(herder->cluster_id)
                                     : kc_json_new_null());
}

static void take_result(struct herder *herder, struct cluster_job *cluster)
{
    if (!cluster->error) {
        herder->cluster_id = kc_strdup(cluster->id);
        return;
    }
    char *line = kc_error_line(cluster->error);
    kc_log_warn("herder", "The Kafka cluster can't be asked for its id: %s", line);
    free(line);
    herder->cluster_failed_ms = kc_monotonic_ms();
}

static void cluster_done(struct job *job, bool in_time)
{
    struct cluster_job *cluster = (struct cluster_job *)job;
    struct herder *herder = cluster->herder;
    herder->cluster_asking = false;
    if (in_time)
        take_result(herder, cluster);
    while (herder->cluster_ask) {
        struct herder_request *request = (struct herder_request *)herder->cluster_ask;
        herder->cluster_ask = request->message.next;
        answer(herder, request);
    }
}

static void cluster_free(struct job *job)
{
    struct cluster_job *cluster = (struct cluster_job *)job;
    kc_props_clear(&cluster->props);
    kc_error_free(cluster->error);
    free(cluster->id);
    free(cluster);
}

static void ask(struct herder *herder)
{
    static const struct kc_props none;
    struct cluster_job *cluster = kc_calloc(1, sizeof *cluster);
    cluster->job = (struct job){ .run = cluster_run, .done = cluster_done, .free = cluster_free };
    cluster->herder = herder;
    clients_admin_props("worker", 0, herder->worker, &none, &cluster->props);
    herder->cluster_asking = true;
    jobs_run(&herder->admin, &cluster->job, CLUSTER_TIMEOUT_MS + 1000);
}

void handle_cluster(struct herder *herder, struct herder_request *request)
{
    bool failed_lately = herder->cluster_failed_ms &&
                         kc_monotonic_ms() < herder->cluster_failed_ms + CLUSTER_PAUSE_MS;
    if (herder->cluster_id || failed_lately) {
        answer(herder, request);
        return;
    }
    request->message.next = herder->cluster_ask;
    herder->cluster_ask = &request->message;
    if (!herder->cluster_asking)
        ask(herder);
}
