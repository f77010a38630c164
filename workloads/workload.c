#include "workloads/workload.h"

#define WORKLOAD(name) extern const struct workload_ops workload_##name;
#include "workloads/workloads.def"
#undef WORKLOAD

static const struct plugin *const plugins[] = {
#define WORKLOAD(name) &workload_##name.about,
#include "workloads/workloads.def"
#undef WORKLOAD
    NULL};

struct catalogue workload_catalogue(void)
{
    return (struct catalogue){.kind = "workload", .all = plugins};
}

const struct workload_ops *workload_of(const struct plugin *plugin)
{
    return CONTAINER_OF(plugin, const struct workload_ops, about);
}
