/*
  What operators, boundary conditions, the parts of a cycle and events are called, in options and in what is printed.
*/
#include "ell_private.h"

PetscLogEvent     ellLog[ELL_LOG_COUNT];
const char *const AeEllOperators[AE_ELL_OPERATORS]      = {"poisson", "helmholtz", "vector", "general", "general_vector"};
const char *const AeEllBoundaryNames[AE_ELL_BOUNDARIES] = {"periodic", "dirichlet", "neumann", "robin", "reflect"};
const char *const EllSmoothers[ELL_SMOOTHERS]           = {"redblack", "chebyshev", "jacobi"};
const char *const EllCycles[ELL_CYCLES]                 = {"v", "w", "f"};
const char *const EllTransfers[2]                       = {"average", "adjoint"};
