# What OpenMPI needs when it is run as root, with more ranks than cores, or several times at once.
# The program itself depends on none of this.
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1
export OMPI_MCA_rmaps_base_oversubscribe := 1
export OMPI_MCA_hwloc_base_binding_policy := none
export OMPI_MCA_mpi_yield_when_idle := 1
export OMPI_MCA_btl_vader_single_copy_mechanism := none
# one machine, shared memory: half of the start-up goes into looking for networks and into a daemon for a single rank
export OMPI_MCA_ess_singleton_isolated := 1
export OMPI_MCA_pml := ob1
export OMPI_MCA_btl := self,vader
# BLAS threads would fight the ranks for cores
export OPENBLAS_NUM_THREADS := 1
