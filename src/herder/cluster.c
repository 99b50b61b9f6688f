#include <stdlib.h>

#include "base/log.h"
#include "herder/internal.h"
#include "flow/clients.h"

#define CLUSTER_TIMEOUT_MS 5000

/* The id of the Kafka cluster, asked for when somebody wants to know: a worker that has nothing to
 * do needs no Kafka client. */
struct cluster_job {
    struct job job; /* first */
    struct herder *herder;
    struct herder_request *request;
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
                  herder->cluster_id ? kc_json_new_string(herder->cluster_id) : kc_json_new_null());
}

static void cluster_done(struct job *job, bool in_time)
{
    struct cluster_job *cluster = (struct cluster_job *)job;
    struct herder *herder = cluster->herder;
    if (in_time && cluster->error) {
        char *line = kc_error_line(cluster->error);
        kc_log_warn("herder", "The Kafka cluster can't be asked for its id: %s", line);
        free(line);
    } else if (in_time && !herder->cluster_id) {
        herder->cluster_id = kc_strdup(cluster->id);
    }
    answer(herder, cluster->request);
}

static void cluster_free(struct job *job)
{
    struct cluster_job *cluster = (struct cluster_job *)job;
    kc_props_clear(&cluster->props);
    kc_error_free(cluster->error);
    free(cluster->id);
    free(cluster);
}

void handle_cluster(struct herder *herder, struct herder_request *request)
{
    static const struct kc_props none;
    if (herder->cluster_id) {
        answer(herder, request);
        return;
    }
    struct cluster_job *cluster = kc_calloc(1, sizeof *cluster);
    *cluster = (struct cluster_job){
        .job = { .run = cluster_run, .done = cluster_done, .free = cluster_free },
        .herder = herder,
        .request = request,
    };
    clients_admin_props("worker", 0, herder->worker, &none, &cluster->props);
    jobs_run(&herder->admin, &cluster->job, CLUSTER_TIMEOUT_MS + 1000);
}
