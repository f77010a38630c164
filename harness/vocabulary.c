#include "harness/vocabulary.h"

#include "checker/checker.h"
#include "injector/fault.h"
#include "systems/system.h"
#include "workloads/workload.h"

struct vocabulary harness_vocabulary(void)
{
    return (struct vocabulary){
        .faults = fault_catalogue(),
        .workloads = workload_catalogue(),
        .systems = system_catalogue(),
        .checks = checker_catalogue(),
        .fault_possible = fault_possible,
    };
}
